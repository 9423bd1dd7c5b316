#include "compress/run/compress_run.h"

#include <algorithm>
#include <optional>

#include "compress/quantize/quantized_weights.h"
#include "compress/run/accuracy.h"
#include "compress/run/compress_report.h"
#include "compress/run/compress_trial.h"
#include "compress/run/curvature.h"
#include "compress/run/decision_log.h"
#include "compress/run/layerwise_run.h"
#include "compress/run/logits.h"
#include "compress/run/train_run.h"
#include "compress/run/trial_store.h"
#include "compress/schedule/strength_search.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"
#include "sim/mapping/chosen_mapping.h"
#include "sim/network/onnx_file.h"

namespace togglewise::compress {

namespace {

struct FinishedTrial {
  StoredTrial stored;
  MeasuredNetwork measured;
};

class CompressRun {
 public:
  CompressRun(const CompressOptions& options, const HardwareModel& hardware,
              const Reporter& reporter);
  nlohmann::json run();

 private:
  void measure_start();
  void prepare_selection();
  network::Traces trace(const network::QuantizedNetwork& network) const;
  MeasuredNetwork measure(const network::QuantizedNetwork& network) const;
  std::string fingerprint() const;
  std::vector<std::vector<int>> permitted_values() const;
  std::vector<bool> negated_layers() const;
  int largest_set() const;
  TrialParams trial_params(double strength) const;
  std::optional<StoredTrial> train_trial(int trial, double strength, const TrialStore& store);
  nlohmann::json judge(const network::QuantizedNetwork& network, double energy_fj) const;
  void search();
  void finish_network(network::QuantizedNetwork& network) const;
  nlohmann::json reported_figure(CompressResult& result);
  void write_pareto();
  nlohmann::json describe(const CompressResult& result) const;
  int trials() const;
  int epochs() const;
  bool within_budget() const;

  const CompressOptions& options_;
  const HardwareModel& hardware_;
  const Reporter& reporter_;
  Stopwatch stopwatch_;
  config::WorkloadConfig workload_;
  Precision precision_;
  CompressImages images_;
  StartingPoint start_;
  DecisionLog log_;
  LossFunction loss_;
  MeasuredNetwork before_;
  std::vector<std::uint8_t> limit_float_, limit_before_;
  SelectionContext context_;
  StrengthRange range_;
  std::vector<FinishedTrial> finished_;
  nlohmann::json trials_ = nlohmann::json::array();
  double longest_epoch_seconds_ = 0;
  bool budget_stopped_ = false;
};

CompressRun::CompressRun(const CompressOptions& options, const HardwareModel& hardware,
                         const Reporter& reporter)
    : options_(options),
      hardware_(hardware),
      reporter_(reporter),
      workload_(config::read_workload_config(options.workload)),
      precision_(precision_of(workload_.training.precision)),
      images_(read_compress_images(workload_, split_seed_of(options.files.model),
                                   options.files.model.string())),
      start_(load_starting_point(options.files, workload_, images_, precision_,
                                 options.activation_bits, options.threads, reporter)),
      log_(options.out / "log.jsonl") {
  if (options_.largest_set && (*options_.largest_set < 2 || *options_.largest_set > 255)) {
    throw Error::input("TW-COMPRESS-012", "sets of " + std::to_string(*options_.largest_set) +
                                              " weight values are impossible")
        .expected("2 (one value computes nothing) to 255");
  }
  require_writable_directory(options.out);
  network::check_network(start_.baseline, options_.weight_bits, options_.files.model.string());
}

int CompressRun::trials() const {
  return options_.trials > 0 ? options_.trials : workload_.compression.trials;
}

int CompressRun::epochs() const {
  return options_.epochs > 0 ? options_.epochs : workload_.compression.epochs;
}

int CompressRun::largest_set() const {
  return options_.largest_set.value_or(workload_.compression.largest_set);
}

network::Traces CompressRun::trace(const network::QuantizedNetwork& network) const {
  return network::trace_network(
      network, images_.training, images_.calibration,
      std::to_string(images_.calibration.size()) + " training images of " + workload_.name,
      options_.threads);
}

MeasuredNetwork CompressRun::measure(const network::QuantizedNetwork& network) const {
  MeasuredNetwork measured;
  measured.network = network;
  measured.traces = trace(network);
  measured.costs = hardware_.costs(measured.traces);
  return measured;
}

void CompressRun::measure_start() {
  reporter_.note("measuring the dense network");
  before_ = measure(start_.baseline);
  limit_before_ = hits(start_.baseline, images_.limit_set(), images_.limit, options_.threads);
  limit_float_ = float_hits(start_.initial, images_.limit_set(), images_.limit, options_.threads);
  const AccuracyDrop dense = accuracy_drop(limit_float_, limit_before_);
  log_.add("start", {{"limit_images", images_.limit_name()},
                     {"float_top1_percent", accuracy_of(limit_float_).percent()},
                     {"dense_int8_top1_percent", accuracy_of(limit_before_).percent()},
                     {"dense_int8_drop_points", dense.points},
                     {"dense_fj_per_image", before_.energy_fj()}});
  const double loosest = options_.max_accuracy_drops.back();
  if (dense.points <= loosest) return;
  throw Error::input("TW-COMPRESS-003",
                     "dense int8 already loses " + std::to_string(dense.points) +
                         " points of accuracy against the float network, more than the limit of " +
                         std::to_string(loosest))
      .at(options_.files.model.string())
      .hint("raise --max-accuracy-drop, or start from a better int8 network");
}

std::vector<bool> CompressRun::negated_layers() const {
  std::vector<bool> negated;
  for (const energy::LayerCost& cost : before_.costs) negated.push_back(!cost.negated.empty());
  return negated;
}

// What the user leaves to choose from.
std::vector<std::vector<int>> CompressRun::permitted_values() const {
  std::vector<std::string> names;
  for (const network::GemmLayer* layer : start_.baseline.gemm_layers()) {
    names.push_back(layer->name);
  }
  std::vector<std::vector<int>> permitted(names.size(), symmetric_values());
  if (options_.sets) permitted = sets_by_layer(*options_.sets, names);
  if (options_.delay_limit) {
    permitted = common_values(
        permitted, values_in_time(*options_.delay_limit, start_.baseline, negated_layers()), names);
  }
  return permitted;
}

void CompressRun::prepare_selection() {
  const std::vector<std::vector<int>> permitted = permitted_values();
  QuantizedWeights dense = zero_weights(start_.trainable.parameters.weights);
  round_to_nearest(start_.trainable.parameters.weights, dense);
  const std::vector<torch::Tensor> weights =
      value_tensors(dense, start_.trainable.parameters.weights);
  ForwardInput input;
  input.weights = &weights;
  input.weight_scale = &dense.scale;
  input.parameters = &start_.trainable.parameters;
  input.statistics = &start_.trainable.statistics;
  input.precision = precision_;
  input.device = start_.initial.device;
  CurvatureParams params;
  params.batch_size = workload_.training.batch_size;
  params.plan = {workload_.training.gradient_shards, options_.threads};
  params.augmentation = augmentation_of(workload_);
  const std::vector<std::vector<double>> curvature = channel_curvature(
      TrainableNetwork(start_.scaled), input, images_.training, images_.train, params);
  const std::vector<const network::GemmLayer*> layers =
      static_cast<const network::QuantizedNetwork&>(start_.baseline).gemm_layers();
  std::vector<const float*> pointers;
  std::vector<std::size_t> counts;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    context_.layers.push_back({layers[l]->name, layers[l]->gemm().output_pixels, dense.scale[l],
                               curvature[l], before_.costs[l], permitted[l]});
    pointers.push_back(start_.trainable.parameters.weights[l].data_ptr<float>());
    counts.push_back(layers[l]->weights.size());
  }
  range_ = options_.method->strengths(view_of(context_, pointers, counts), options_.threads);
}

std::string CompressRun::fingerprint() const {
  return hash_bytes(
      std::string(kVersion) + "\n" + workload_.text_hash + "\n" + start_.baseline_hash + "\n" +
      parameter_hash(start_.initial) + "\n" + parameter_hash(start_.teacher) + "\n" +
      std::to_string(options_.activation_bits) + "\n" + dataset_hash(images_.training) + "\n" +
      options_.provenance.dump() + "\n" + options_.method->name() + "\n" + name_of(precision_) +
      "\n" + std::to_string(epochs()) + "\n" + std::to_string(options_.seed) + "\n" +
      std::to_string(largest_set()) + "\n" + (options_.sets ? options_.sets->text_hash : "") +
      "\n" +
      (options_.delay_limit
           ? options_.delay_limit->hash + " " + std::to_string(options_.delay_limit->limit_ps) +
                 energy::to_string(options_.delay_limit->kind)
           : ""));
}

TrialParams CompressRun::trial_params(double strength) const {
  TrialParams params;
  params.strength = strength;
  params.epochs.batch_size = workload_.training.batch_size;
  params.epochs.plan = {workload_.training.gradient_shards, options_.threads};
  params.epochs.learning_rate.peak = workload_.compression.learning_rate;
  params.epochs.augmentation = augmentation_of(workload_);
  params.epochs.precision = precision_;
  params.epochs.device = start_.initial.device;
  params.epochs.seed = options_.seed;
  params.epochs.epochs = epochs();
  params.sgd = {workload_.training.momentum, workload_.training.weight_decay};
  params.largest_set = largest_set();
  return params;
}

bool CompressRun::within_budget() const {
  return options_.budget_seconds <= 0 ||
         stopwatch_.seconds() + longest_epoch_seconds_ <= options_.budget_seconds;
}

std::optional<StoredTrial> CompressRun::train_trial(int trial, double strength,
                                                    const TrialStore& store) {
  TrialInput input;
  input.start = &start_;
  input.images = &images_;
  input.loss = &loss_;
  input.context = &context_;
  input.method = options_.method.get();
  input.costs = [this](const network::QuantizedNetwork& network) {
    return hardware_.costs(trace(network));
  };
  input.limit_drop = [this](const network::QuantizedNetwork& network, std::size_t images) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(images, images_.limit.size()));
    const std::vector<std::size_t> checked(images_.limit.begin(), images_.limit.begin() + count);
    return accuracy_drop({limit_float_.begin(), limit_float_.begin() + count},
                         hits(network, images_.limit_set(), checked, options_.threads))
        .points;
  };
  input.checkpoint = store.checkpoint();
  input.fingerprint = fingerprint() + nlohmann::json(strength).dump();
  const TrialParams params = trial_params(strength);
  double epoch_began = -1;
  const auto go_on = [&] {
    const double now = stopwatch_.seconds();
    if (epoch_began >= 0) {
      longest_epoch_seconds_ = std::max(longest_epoch_seconds_, now - epoch_began);
    }
    epoch_began = now;
    return within_budget();
  };
  const std::string name = "trial " + std::to_string(trial) + "/" + std::to_string(trials());
  const std::optional<TrialOutcome> outcome =
      options_.method->layer_by_layer()
          ? run_layerwise(input, params, {}, name, reporter_.progress, go_on)
          : run_trial(input, params, name, reporter_.progress, go_on);
  if (!outcome) return std::nullopt;
  return StoredTrial{outcome->network,
                     {{"trial", trial},
                      {"strength", strength},
                      {"epochs", outcome->epochs},
                      {"decisions", outcome->decisions},
                      {"layers", outcome->layers}}};
}

// Accuracy against the limits. Nothing here looks at the images of the final figure.
nlohmann::json CompressRun::judge(const network::QuantizedNetwork& network,
                                  double energy_fj) const {
  const std::vector<std::uint8_t> after =
      hits(network, images_.limit_set(), images_.limit, options_.threads);
  const AccuracyDrop drop = accuracy_drop(limit_float_, after);
  const double bound = drop.points + options_.margin_standard_errors * drop.standard_error_points;
  const bool accepted = bound <= options_.max_accuracy_drops.back();
  return {{"holdout", accuracy_of(after).to_json()},
          {"drop_points", drop.points},
          {"drop_standard_error_points", drop.standard_error_points},
          {"drop_bound_points", bound},
          {"energy_fj_per_image", energy_fj},
          {"energy_reduction_percent", 100.0 * (1.0 - energy_fj / before_.energy_fj())},
          {"accepted", accepted},
          {"reason",
           std::string("drop with margin is ") + (accepted ? "within" : "beyond") + " the limit"}};
}

void CompressRun::search() {
  StrengthSearch search(range_, options_.max_accuracy_drops);
  const TrialStore store(options_.out, fingerprint());
  if (options_.fresh) std::filesystem::remove(store.checkpoint());
  for (int trial = 1; trial <= trials(); ++trial) {
    const std::optional<double> strength = search.next();
    if (!strength) break;
    std::optional<StoredTrial> stored;
    if (!options_.fresh) stored = store.load(trial, *strength);
    if (stored) {
      reporter_.note("trial " + std::to_string(trial) + " is taken from " + options_.out.string());
    } else {
      stored = train_trial(trial, *strength, store);
      if (!stored) {
        budget_stopped_ = true;
        log_.add("budget", {{"stopped_before_end_of_trial", trial}});
        reporter_.note("the time budget ends the search in trial " + std::to_string(trial));
        break;
      }
      store.save(trial, *stored);
      std::filesystem::remove(store.checkpoint());
    }
    MeasuredNetwork measured = measure(stored->network);
    nlohmann::json record = stored->record;
    record.update(judge(measured.network, measured.energy_fj()));
    search.report(*strength, record.at("drop_bound_points"));
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
    trials_.push_back(record);
    finished_.push_back({std::move(*stored), std::move(measured)});
  }
}

void CompressRun::finish_network(network::QuantizedNetwork& network) const {
  network.metadata = start_.baseline.metadata;
  network.metadata["togglewise.baseline"] = options_.files.model.string();
  network.metadata["togglewise.baseline_hash"] = start_.baseline_hash;
  network.metadata["togglewise.workload"] = options_.workload.string();
  network.metadata["togglewise.workload_hash"] = workload_.text_hash;
  network.metadata["togglewise.seed"] = std::to_string(options_.seed);
  network.metadata["togglewise.method"] = options_.method->name();
  network.metadata["togglewise.version"] = kVersion;
  network.metadata.erase(mapping::kMappingMetadata);
  if (!options_.mapping_text.empty()) {
    network.metadata[mapping::kMappingMetadata] = options_.mapping_text;
  }
}

// The images of the final figure are looked at here and nowhere else.
nlohmann::json CompressRun::reported_figure(CompressResult& result) {
  reporter_.note("measuring accuracy on test images");
  const auto on_reported = [&](const network::QuantizedNetwork& network) {
    return hits(network, images_.test, images_.reported, options_.threads);
  };
  result.reported.in_real_numbers =
      float_hits(start_.initial, images_.test, images_.reported, options_.threads);
  result.reported.before = on_reported(start_.baseline);
  result.reported.after = on_reported(result.after.network);
  nlohmann::json gates;
  const std::size_t count =
      std::min(images_.reported.size(), static_cast<std::size_t>(options_.energy_images));
  if (count > 0 && hardware_.gates) {
    const std::vector<std::size_t> images(
        images_.reported.begin(), images_.reported.begin() + static_cast<std::ptrdiff_t>(count));
    const auto energy_of = [&](const network::QuantizedNetwork& network) {
      return hardware_.gates(
          network::trace_network(network, images_.test, images,
                                 std::to_string(count) + " test images", options_.threads),
          reporter_.progress);
    };
    gates = gate_energy_json(energy_of(start_.baseline), energy_of(result.after.network));
  }
  for (std::size_t i = 0; i < finished_.size(); ++i) {
    const std::vector<std::uint8_t> after = on_reported(finished_[i].stored.network);
    trials_[i]["test"] = accuracy_of(after).to_json();
    trials_[i]["test_drop_points"] = accuracy_drop(result.reported.in_real_numbers, after).points;
  }
  log_.add("final figure",
           {{"images", images_.reported.size()},
            {"first_image", images_.reported.front()},
            {"float_top1_percent", accuracy_of(result.reported.in_real_numbers).percent()},
            {"dense_int8_top1_percent", accuracy_of(result.reported.before).percent()},
            {"top1_percent", accuracy_of(result.reported.after).percent()},
            {"gate_energy", gates}});
  return gates;
}

// The trials that no other beats, each a model of its own.
void CompressRun::write_pareto() {
  if (options_.pareto) {
    require_writable_directory(options_.out / "pareto");
    for (const std::size_t i : pareto_front(trials_)) {
      network::QuantizedNetwork network = finished_[i].stored.network;
      finish_network(network);
      network.metadata["togglewise.energy_reduction_percent"] =
          trials_[i].at("energy_reduction_percent").dump();
      const std::string name =
          "pareto/trial_" + std::to_string(trials_[i].at("trial").get<int>()) + ".onnx";
      network::write_onnx(network, options_.out / name);
      trials_[i]["model"] = name;
    }
  }
  write_file_atomically(options_.out / "pareto.csv", pareto_csv(trials_));
}

nlohmann::json CompressRun::describe(const CompressResult& result) const {
  nlohmann::json json = compress_json(result);
  json["tool"] = "togglewise";
  json["command"] = "compress";
  json["version"] = kVersion;
  json["seed"] = options_.seed;
  json["workload"] = workload_json(workload_);
  json["hardware"] = options_.provenance.value("hardware", nlohmann::json());
  json["tables"] = options_.provenance.value("tables", nlohmann::json());
  if (options_.provenance.contains("mapping")) json["mapping"] = options_.provenance["mapping"];
  if (options_.sets) {
    json["sets"] = {{"file", options_.sets->file.string()}, {"hash", options_.sets->text_hash}};
  }
  if (options_.delay_limit) {
    json["delays"] =
        delay_json(*options_.delay_limit, result.before.network, result.after.network,
                   negated_layers(), result.before.energy_fj(), result.after.energy_fj());
  }
  json["dataset"] = images_json(images_);
  json["model"] = {{"file", model_file},
                   {"name", result.after.network.name},
                   {"hash", result.after.traces.model_hash}};
  json["baseline"] = {{"file", options_.files.model.string()}, {"hash", start_.baseline_hash}};
  json["initial"] = start_.initial.name;
  json["teacher"] = start_.teacher.name;
  json["stopped_by_budget"] = budget_stopped_;
  json["parameters"] = {
      {"selector", options_.method->name()},
      {"max_accuracy_drop_points", options_.max_accuracy_drops.back()},
      {"max_accuracy_drops_points", options_.max_accuracy_drops},
      {"margin_standard_errors", options_.margin_standard_errors},
      {"trials", trials()},
      {"epochs", epochs()},
      {"learning_rate", workload_.compression.learning_rate},
      {"distillation_temperature", workload_.compression.distillation_temperature},
      {"largest_set", largest_set()},
      {"activation_bits", options_.activation_bits},
      {"precision", name_of(precision_)},
      {"strength_range", {range_.low, range_.high}}};
  json["timing"] = {{"total_seconds", stopwatch_.seconds()}, {"threads", options_.threads}};
  return json;
}

nlohmann::json CompressRun::run() {
  measure_start();
  loss_ = distillation_loss(start_.teacher, {workload_.compression.distillation_temperature, 0.0});
  prepare_selection();
  search();

  CompressResult result;
  result.before = before_;
  result.after = before_;  // what remains when no trial keeps the limit
  nlohmann::json choices = nlohmann::json::array();
  for (const double limit : options_.max_accuracy_drops) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < finished_.size(); ++i) {
      const bool keeps = trials_[i].at("drop_bound_points") <= limit;
      if (keeps &&
          (!best || finished_[i].measured.energy_fj() < finished_[*best].measured.energy_fj())) {
        best = i;
      }
    }
    nlohmann::json choice = {{"limit_points", limit}, {"trial", nullptr}};
    result.chosen_trial.reset();
    if (best) {
      result.chosen_trial = trials_[*best].at("trial").get<int>();
      result.after = finished_[*best].measured;
      choice["trial"] = *result.chosen_trial;
    } else {
      reporter_.note("no trial kept the accuracy limit of " + nlohmann::json(limit).dump() +
                     " points: the result is the dense network");
      result.after = before_;
    }
    log_.add("choice", choice);
    choices.push_back(choice);
  }
  finish_network(result.after.network);
  network::check_network(result.after.network, options_.weight_bits,
                         (options_.out / model_file).string());
  const nlohmann::json gates = reported_figure(result);
  if (!gates.is_null()) {
    result.after.network.metadata["togglewise.gate_energy"] = gates.dump();
  }
  result.after.traces.model_hash = hash_bytes(network::to_onnx(result.after.network));
  result.limit = {limit_float_, limit_before_,
                  hits(result.after.network, images_.limit_set(), images_.limit, options_.threads)};
  write_pareto();
  result.trials = trials_;
  nlohmann::json json = describe(result);
  json["limits"] = choices;
  if (!gates.is_null()) json["energy"]["gate"] = gates;

  network::write_traces(result.after.traces, options_.out / traces_file);
  network::write_onnx(result.after.network, options_.out / model_file);
  write_json(json, options_.out / "compress.json");
  return json;
}

}  // namespace

nlohmann::json run_compress(const CompressOptions& options, const HardwareModel& hardware,
                            const Reporter& reporter) {
  return CompressRun(options, hardware, reporter).run();
}

}  // namespace togglewise::compress
