#include "compress/run/compress_search.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "compress/quantize/quantized_weights.h"
#include "compress/run/accuracy.h"
#include "compress/run/curvature.h"
#include "compress/run/layerwise_run.h"
#include "compress/run/logits.h"
#include "compress/schedule/strength_search.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"

namespace togglewise::compress {

namespace {

// How long epochs take.
class EpochClock {
 public:
  // An epoch begins; the one before, of the same trial, is over.
  void begin(double now_seconds) {
    if (began_ >= 0) {
      const double seconds = now_seconds - began_;
      longest_ = std::max(longest_, seconds);
      sum_ += seconds;
      ++epochs_;
    }
    began_ = now_seconds;
  }
  void end_trial() { began_ = -1; }
  double longest_seconds() const { return longest_; }

  // " (12 min left)" of so many epochs, once the length of one is known.
  std::string left(int epochs) const {
    if (epochs_ == 0) return "";
    return " (" + std::to_string(std::lround(std::ceil(epochs * sum_ / epochs_ / 60))) +
           " min left)";
  }

 private:
  double began_ = -1;
  double longest_ = 0;
  double sum_ = 0;
  int epochs_ = 0;
};

class CompressSearch {
 public:
  CompressSearch(const CompressOptions& options, const HardwareModel& hardware,
                 const Reporter& reporter, DecisionLog& log);
  SearchResult run();

 private:
  void measure_start();
  void prepare_selection();
  network::Traces trace(const network::QuantizedNetwork& network) const;
  MeasuredNetwork measure(const network::QuantizedNetwork& network) const;
  std::vector<std::vector<int>> permitted_values() const;
  double strength_of(std::size_t finished) const {
    return found_.finished[finished].stored.record.at("strength");
  }
  std::optional<std::size_t> parent_of(double strength) const;
  std::string trial_fingerprint(double strength, std::optional<std::size_t> parent) const;
  std::optional<StoredTrial> train_trial(int trial, double strength,
                                         std::optional<std::size_t> parent,
                                         const TrialStore& store);
  nlohmann::json judge(const network::QuantizedNetwork& network, double energy_fj) const;
  void search();
  bool within_budget() const;

  const CompressOptions& options_;
  const HardwareModel& hardware_;
  const Reporter& reporter_;
  DecisionLog& log_;
  Stopwatch stopwatch_;
  SearchResult found_;
  LossFunction loss_;
  std::string fingerprint_;  // of all input of the search
  SelectionContext context_;
  EpochClock clock_;
};

SearchResult load(const CompressOptions& options, const Reporter& reporter) {
  CompressSettings settings = settings_of(options);
  const std::string model = options.files.model.string();
  CompressImages images =
      read_compress_images(settings.workload, split_seed_of(options.files.model), model);
  StartingPoint start =
      load_starting_point(options.files, settings.workload, images, settings.precision,
                          settings.activation_bits, options.threads, reporter);
  network::check_network(start.baseline, options.weight_bits, model);
  return {std::move(settings), std::move(images), std::move(start)};
}

CompressSearch::CompressSearch(const CompressOptions& options, const HardwareModel& hardware,
                               const Reporter& reporter, DecisionLog& log)
    : options_(options),
      hardware_(hardware),
      reporter_(reporter),
      log_(log),
      found_(load(options, reporter)),
      loss_(distillation_loss(found_.start.teacher,
                              {found_.settings.workload.compression.distillation_temperature,
                               found_.settings.workload.training.augmentation.flip})),
      fingerprint_(search_fingerprint(found_.settings, options, found_.start,
                                      dataset_hash(found_.images.training))) {
  require_writable_directory(options.out);  // not before input was found to be good
}

// The strongest finished trial that is milder, and milder by enough for the method: what it has
// learned need not be learned again.
std::optional<std::size_t> CompressSearch::parent_of(double strength) const {
  if (options_.method->layer_by_layer() || found_.settings.continued_epochs == 0)
    return std::nullopt;
  std::optional<std::size_t> parent;
  for (std::size_t i = 0; i < found_.finished.size(); ++i) {
    const double other = strength_of(i);
    if (other >= strength || !options_.method->goes_on_from(strength, other)) continue;
    if (!parent || other > strength_of(*parent)) parent = i;
  }
  return parent;
}

// Of all that a trial's result depends on.
std::string CompressSearch::trial_fingerprint(double strength,
                                              std::optional<std::size_t> parent) const {
  std::string fingerprint = fingerprint_ + nlohmann::json(strength).dump();
  if (parent) fingerprint += hash_bytes(found_.finished[*parent].stored.record.dump());
  return fingerprint;
}

network::Traces CompressSearch::trace(const network::QuantizedNetwork& network) const {
  return network::trace_network(network, found_.images.training, found_.images.calibration,
                                std::to_string(found_.images.calibration.size()) +
                                    " training images of " + found_.settings.workload.name,
                                options_.threads);
}

MeasuredNetwork CompressSearch::measure(const network::QuantizedNetwork& network) const {
  MeasuredNetwork measured;
  measured.network = network;
  measured.traces = trace(network);
  measured.costs = hardware_.costs(measured.traces);
  return measured;
}

void CompressSearch::measure_start() {
  reporter_.note("measuring the dense network");
  found_.before = measure(found_.start.baseline);
  found_.limit_dense =
      hits(found_.start.baseline, found_.images.limit_set(), found_.images.limit, options_.threads);
  found_.limit_float = float_hits(found_.start.initial, found_.images.limit_set(),
                                  found_.images.limit, options_.threads);
  const AccuracyDrop dense = accuracy_drop(found_.limit_float, found_.limit_dense);
  log_.add("start", {{"limit_images", found_.images.limit_name()},
                     {"float_top1_percent", accuracy_of(found_.limit_float).percent()},
                     {"dense_int8_top1_percent", accuracy_of(found_.limit_dense).percent()},
                     {"dense_int8_drop_points", dense.points},
                     {"dense_fj_per_image", found_.before.energy_fj()}});
  const double loosest = options_.max_accuracy_drops.back();
  if (dense.points <= loosest) return;
  throw Error::input("TW-COMPRESS-003",
                     "dense int8 already loses " + std::to_string(dense.points) +
                         " points of accuracy against the float network, more than the limit of " +
                         std::to_string(loosest))
      .at(options_.files.model.string())
      .hint("raise --max-accuracy-drop, or start from a better int8 network");
}

// What the user leaves to choose from.
std::vector<std::vector<int>> CompressSearch::permitted_values() const {
  std::vector<std::string> names;
  for (const network::GemmLayer* layer : found_.start.baseline.gemm_layers()) {
    names.push_back(layer->name);
  }
  std::vector<std::vector<int>> permitted(names.size(), symmetric_values());
  if (options_.sets) permitted = sets_by_layer(*options_.sets, names);
  if (options_.delay_limit) {
    permitted = common_values(permitted,
                              values_in_time(*options_.delay_limit, found_.start.baseline,
                                             found_.before.negated_layers()),
                              names);
  }
  return permitted;
}

void CompressSearch::prepare_selection() {
  const std::vector<std::vector<int>> permitted = permitted_values();
  QuantizedWeights dense = zero_weights(found_.start.trainable.parameters.weights);
  round_to_nearest(found_.start.trainable.parameters.weights, dense);
  const StepWeights weights{value_tensors(dense, found_.start.trainable.parameters.weights),
                            &dense.scale};
  ForwardInput input = step_input(weights, found_.start.trainable.parameters,
                                  found_.settings.precision, found_.start.initial.device);
  input.statistics = &found_.start.trainable.statistics;
  CurvatureParams params;
  params.batch_size = found_.settings.workload.training.batch_size;
  params.plan = {found_.settings.workload.training.gradient_shards, options_.threads};
  params.augmentation = augmentation_of(found_.settings.workload);
  params.temperature = found_.settings.workload.compression.distillation_temperature;
  const std::vector<std::vector<double>> curvature =
      channel_curvature(TrainableNetwork(found_.start.scaled), input, found_.images.training,
                        found_.images.train, params);
  const std::vector<const network::GemmLayer*> layers =
      static_cast<const network::QuantizedNetwork&>(found_.start.baseline).gemm_layers();
  std::vector<const float*> pointers;
  std::vector<std::size_t> counts;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    context_.layers.push_back({layers[l]->name, layers[l]->gemm().output_pixels, dense.scale[l],
                               curvature[l], found_.before.costs[l], permitted[l]});
    pointers.push_back(found_.start.trainable.parameters.weights[l].data_ptr<float>());
    counts.push_back(layers[l]->weights.size());
  }
  found_.strengths =
      options_.method->strengths(view_of(context_, pointers, counts), options_.threads);
}

bool CompressSearch::within_budget() const {
  return options_.budget_seconds <= 0 ||
         stopwatch_.seconds() + clock_.longest_seconds() <= options_.budget_seconds;
}

std::optional<StoredTrial> CompressSearch::train_trial(int trial, double strength,
                                                       std::optional<std::size_t> parent,
                                                       const TrialStore& store) {
  TrialInput input;
  input.start = &found_.start;
  input.images = &found_.images;
  input.loss = &loss_;
  input.context = &context_;
  input.method = options_.method.get();
  input.costs = [this](const network::QuantizedNetwork& network) {
    return hardware_.costs(trace(network));
  };
  input.limit_drop = [this](const network::QuantizedNetwork& network, std::size_t images) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(images, found_.images.limit.size()));
    const std::vector<std::size_t> checked(found_.images.limit.begin(),
                                           found_.images.limit.begin() + count);
    return accuracy_drop({found_.limit_float.begin(), found_.limit_float.begin() + count},
                         hits(network, found_.images.limit_set(), checked, options_.threads))
        .points;
  };
  input.checkpoint = store.checkpoint();
  input.fingerprint = trial_fingerprint(strength, parent);
  TrialParams params = trial_params(found_.settings, options_, found_.start.initial.device,
                                    strength, parent.has_value());
  nlohmann::json continued_trial;
  if (parent) {
    const auto number = static_cast<int>(*parent) + 1;
    continued_trial = number;
    input.parent = store.state(number);
    input.parent_strength = strength_of(*parent);
    // Images come in another order, and augmented otherwise, than what it has learned from.
    params.epochs.seed += 1000 * static_cast<std::uint64_t>(trial);
  }
  const bool layer_by_layer = options_.method->layer_by_layer();
  const int later_epochs = (found_.settings.trials - trial) * found_.settings.next_epochs();
  int epochs_to_go = params.epochs.epochs;
  std::string time_left;
  const auto go_on = [&] {
    clock_.begin(stopwatch_.seconds());
    if (!layer_by_layer) time_left = clock_.left(epochs_to_go-- + later_epochs);
    return within_budget();
  };
  const ProgressFunction progress = [&](const std::string& step, std::uint64_t done,
                                        std::uint64_t total) {
    reporter_.progress(step + time_left, done, total);
  };
  const std::string name =
      "trial " + std::to_string(trial) + "/" + std::to_string(found_.settings.trials);
  const std::optional<TrialOutcome> outcome =
      layer_by_layer ? run_layerwise(input, params, {}, name, progress, go_on)
                     : run_trial(input, params, name, progress, go_on);
  clock_.end_trial();
  if (!outcome) return std::nullopt;
  return StoredTrial{outcome->network,
                     {{"trial", trial},
                      {"strength", strength},
                      {"continues_trial", continued_trial},
                      {"epochs", outcome->epochs},
                      {"decisions", outcome->decisions},
                      {"layers", outcome->layers}}};
}

// Accuracy against the limits. Nothing here looks at the images of the final figure.
nlohmann::json CompressSearch::judge(const network::QuantizedNetwork& network,
                                     double energy_fj) const {
  const std::vector<std::uint8_t> after =
      hits(network, found_.images.limit_set(), found_.images.limit, options_.threads);
  const AccuracyDrop drop = accuracy_drop(found_.limit_float, after);
  const double bound = drop.points + options_.margin_standard_errors * drop.standard_error_points;
  const bool accepted = bound <= options_.max_accuracy_drops.back();
  return {{"holdout", accuracy_of(after).to_json()},
          {"drop_points", drop.points},
          {"drop_standard_error_points", drop.standard_error_points},
          {"drop_bound_points", bound},
          {"energy_fj_per_image", energy_fj},
          {"energy_reduction_percent", 100.0 * (1.0 - energy_fj / found_.before.energy_fj())},
          {"accepted", accepted},
          {"reason",
           std::string("drop with margin is ") + (accepted ? "within" : "beyond") + " the limit"}};
}

void CompressSearch::search() {
  StrengthSearch search(found_.strengths, options_.max_accuracy_drops);
  const TrialStore store(options_.out, fingerprint_);
  if (options_.fresh) std::filesystem::remove(store.checkpoint());
  for (int trial = 1; trial <= found_.settings.trials; ++trial) {
    const std::optional<double> strength = search.next();
    if (!strength) break;
    const std::optional<std::size_t> parent = parent_of(*strength);
    std::optional<StoredTrial> stored;
    if (!options_.fresh) stored = store.load(trial, *strength);
    // Others could not go on from it: it is made again, from its checkpoint if that is still there.
    if (stored && !options_.method->layer_by_layer() &&
        !is_finished_state(store.state(trial), trial_fingerprint(*strength, parent),
                           found_.settings.trial_epochs(parent.has_value()))) {
      stored.reset();
    }
    if (stored) {
      reporter_.note("trial " + std::to_string(trial) + " is taken from " + options_.out.string());
    } else {
      stored = train_trial(trial, *strength, parent, store);
      if (!stored) {
        found_.stopped_by_budget = true;
        log_.add("budget", {{"stopped_before_end_of_trial", trial}});
        reporter_.note("the time budget ends the search in trial " + std::to_string(trial));
        break;
      }
      store.save(trial, *stored);
      std::filesystem::rename(store.checkpoint(), store.state(trial));
    }
    MeasuredNetwork measured = measure(stored->network);
    nlohmann::json record = stored->record;
    record.update(judge(measured.network, measured.energy_fj()));
    search.report(*strength, record.at("drop_bound_points"),
                  record.at("drop_standard_error_points"));
    reporter_.note(trial_line(record));
    for (const nlohmann::json& decision : record.at("decisions")) log_.add("layer", decision);
    log_.add("trial", {{"trial", trial},
                       {"strength", *strength},
                       {"energy_reduction_percent", record.at("energy_reduction_percent")},
                       {"drop_points", record.at("drop_points")},
                       {"drop_bound_points", record.at("drop_bound_points")},
                       {"accepted", record.at("accepted")}});
    // The trial's own statistics: partial sums of a compressed network are quieter.
    for (std::size_t l = 0; l < context_.layers.size(); ++l) {
      context_.layers[l].cost = measured.costs[l];
    }
    found_.trials.push_back(record);
    found_.finished.push_back({std::move(*stored), std::move(measured)});
  }
}

SearchResult CompressSearch::run() {
  measure_start();
  prepare_selection();
  search();
  return std::move(found_);
}

}  // namespace

std::optional<std::size_t> SearchResult::cheapest_within(double limit_points) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < finished.size(); ++i) {
    if (trials[i].at("drop_bound_points") > limit_points) continue;
    if (!best || finished[i].measured.energy_fj() < finished[*best].measured.energy_fj()) best = i;
  }
  return best;
}

SearchResult search_trials(const CompressOptions& options, const HardwareModel& hardware,
                           const Reporter& reporter, DecisionLog& log) {
  return CompressSearch(options, hardware, reporter, log).run();
}

}  // namespace togglewise::compress
