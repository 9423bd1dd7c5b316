#include "compress/run/compress_run.h"

#include <algorithm>
#include <optional>

#include "compress/data/training_data.h"
#include "compress/model/trainable.h"
#include "compress/run/accuracy.h"
#include "compress/run/compress_report.h"
#include "compress/run/compress_trial.h"
#include "compress/run/curvature.h"
#include "compress/run/teacher.h"
#include "compress/run/train_run.h"
#include "compress/run/trial_store.h"
#include "compress/schedule/multiplier_search.h"
#include "compress/select/rate_distortion.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"
#include "sim/graph/onnx_import.h"
#include "sim/mapping/chosen_mapping.h"
#include "sim/network/onnx_file.h"

namespace togglewise::compress {

namespace {

// A trial is accepted when the drop measured on the held-out images, plus this many of its standard
// errors, keeps the limit: the limit is meant for images that nobody has looked at, and a search
// that measures several networks on the same images favours the lucky ones.
constexpr double margin_standard_errors = 1.645;  // 95 %, one-sided

// Shares of the energy that selection can influence, kept without training at either end of the
// bracket of μ.
constexpr double keep_at_low = 0.3;
constexpr double keep_at_high = 0.04;

class CompressRun {
 public:
  CompressRun(const CompressOptions& options, const CostModel& costs, const Reporter& reporter);
  nlohmann::json run();

 private:
  void prepare_selection();
  network::Traces trace(const network::QuantizedNetwork& network) const;
  MeasuredNetwork measure(const network::QuantizedNetwork& network) const;
  std::string fingerprint() const;
  StoredTrial train_trial(int trial, double multiplier);
  nlohmann::json judge(const network::QuantizedNetwork& network, double energy_fj) const;

  const CompressOptions& options_;
  const CostModel& costs_;
  const Reporter& reporter_;
  Stopwatch stopwatch_;
  config::WorkloadConfig workload_;
  network::QuantizedNetwork baseline_;
  std::string baseline_hash_;
  std::uint64_t split_seed_ = 1;
  TrainingData data_;
  std::vector<std::size_t> calibration_;
  Teacher teacher_;
  LossFunction loss_;
  MeasuredNetwork before_;
  std::vector<std::uint8_t> holdout_before_;
  SelectionContext context_;
  RateDistortionSelector selector_;
};

// The seed that decided which images the model was trained on.
std::uint64_t split_seed_of(const network::QuantizedNetwork& model, const std::string& source) {
  const auto entry = model.metadata.find("togglewise.split_seed");
  const bool number = entry != model.metadata.end() && !entry->second.empty() &&
                      entry->second.size() < 20 &&
                      entry->second.find_first_not_of("0123456789") == std::string::npos;
  if (!number) {
    throw Error::input("TW-COMPRESS-001",
                       "the model does not say which images it was trained on "
                       "(no metadata togglewise.split_seed)")
        .at(source)
        .expected("a model that togglewise train wrote");
  }
  return std::stoull(entry->second);
}

CompressRun::CompressRun(const CompressOptions& options, const CostModel& costs,
                         const Reporter& reporter)
    : options_(options),
      costs_(costs),
      reporter_(reporter),
      workload_(config::read_workload_config(options.workload)) {
  require_writable_directory(options.out);
  baseline_ = graph::read_onnx(options.model);
  network::check_network(baseline_, options.weight_bits, options.model.string());
  require_trainable(baseline_, options.model.string());
  baseline_hash_ = hash_bytes(network::to_onnx(baseline_));
  split_seed_ = split_seed_of(baseline_, options.model.string());
  data_ = read_training_data(workload_, split_seed_);
  require_fit(baseline_, data_.images, workload_, options.model.string());
  calibration_ = calibration_images(data_, workload_.calibration.images);
}

void CompressRun::prepare_selection() {
  CurvatureParams params;
  params.batch_size = workload_.training.batch_size;
  params.plan = {workload_.training.gradient_shards, options_.threads};
  const std::vector<std::vector<double>> curvature = channel_curvature(
      baseline_, dequantized_parameters(baseline_), activation_scales_of(baseline_), data_, params);
  const std::vector<const network::GemmLayer*> layers =
      static_cast<const network::QuantizedNetwork&>(baseline_).gemm_layers();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    context_.layers.push_back({layers[l]->name, layers[l]->gemm().output_pixels,
                               layers[l]->weight_scale, curvature[l], before_.costs[l],
                               symmetric_values()});
  }
}

network::Traces CompressRun::trace(const network::QuantizedNetwork& network) const {
  return network::trace_network(
      network, data_.images, calibration_,
      std::to_string(calibration_.size()) + " training images of " + workload_.name,
      options_.threads);
}

MeasuredNetwork CompressRun::measure(const network::QuantizedNetwork& network) const {
  MeasuredNetwork measured;
  measured.network = network;
  measured.traces = trace(network);
  measured.costs = costs_(measured.traces);
  return measured;
}

std::string CompressRun::fingerprint() const {
  return hash_bytes(std::string(kVersion) + "\n" + workload_.text_hash + "\n" + baseline_hash_ +
                    "\n" + teacher_.name + "\n" + dataset_hash(data_.images) + "\n" +
                    options_.provenance.dump() + "\n" + std::to_string(options_.seed) + "\n" +
                    nlohmann::json(options_.max_accuracy_drop).dump());
}

StoredTrial CompressRun::train_trial(int trial, double multiplier) {
  TrialInput input;
  input.baseline = &baseline_;
  input.data = &data_;
  input.start = &teacher_.parameters;
  input.loss = &loss_;
  input.context = &context_;
  input.selector = &selector_;
  input.costs = [this](const network::QuantizedNetwork& network) { return costs_(trace(network)); };
  TrialParams params;
  params.multiplier = multiplier;
  params.epochs = workload_.compression.epochs;
  params.batch_size = workload_.training.batch_size;
  params.plan = {workload_.training.gradient_shards, options_.threads};
  params.learning_rate.peak = workload_.compression.learning_rate;
  params.sgd = {workload_.training.momentum, workload_.training.weight_decay};
  params.seed = options_.seed;
  params.permitted.largest_set = workload_.compression.largest_set;
  const TrialOutcome outcome = run_trial(
      input, params,
      "trial " + std::to_string(trial) + "/" + std::to_string(workload_.compression.trials),
      reporter_.progress);
  return {outcome.network,
          {{"trial", trial},
           {"multiplier", multiplier},
           {"epochs", outcome.epochs},
           {"layers", outcome.layers}}};
}

// Accuracy against the limit. Nothing here looks at test images.
nlohmann::json CompressRun::judge(const network::QuantizedNetwork& network,
                                  double energy_fj) const {
  const std::vector<std::uint8_t> after =
      hits(network, data_.images, data_.split.holdout, options_.threads);
  const AccuracyDrop drop = accuracy_drop(holdout_before_, after);
  const double bound = drop.points + margin_standard_errors * drop.standard_error_points;
  const bool accepted = bound <= options_.max_accuracy_drop;
  const double before_fj = before_.energy_fj();
  return {{"holdout", accuracy_of(after).to_json()},
          {"drop_points", drop.points},
          {"drop_standard_error_points", drop.standard_error_points},
          {"drop_bound_points", bound},
          {"energy_fj_per_image", energy_fj},
          {"energy_reduction_percent", 100.0 * (1.0 - energy_fj / before_fj)},
          {"accepted", accepted},
          {"reason",
           std::string("drop with margin is ") + (accepted ? "within" : "beyond") + " the limit"}};
}

nlohmann::json CompressRun::run() {
  reporter_.note("measuring the dense network");
  before_ = measure(baseline_);
  holdout_before_ = hits(baseline_, data_.images, data_.split.holdout, options_.threads);
  teacher_ = load_teacher(baseline_, options_.model, data_.images, options_.threads, reporter_);
  loss_ = distillation_loss(teacher_.logits, workload_.compression.distillation_temperature);
  prepare_selection();

  std::vector<const float*> weights;
  std::vector<std::vector<std::int8_t>> shape;
  for (const torch::Tensor& w : teacher_.parameters.weights) {
    weights.push_back(w.data_ptr<float>());
    shape.emplace_back(static_cast<std::size_t>(w.numel()), std::int8_t{0});
  }
  const MultiplierBracket bracket = multiplier_bracket(selector_, context_, weights, shape,
                                                       keep_at_low, keep_at_high, options_.threads);
  MultiplierSearch search(bracket.low, bracket.high);
  const TrialStore store(options_.out, fingerprint());

  CompressResult result;
  result.trials = nlohmann::json::array();
  result.after = before_;  // what remains when no trial keeps the limit
  for (int trial = 1; trial <= workload_.compression.trials; ++trial) {
    const double multiplier = search.next();
    std::optional<StoredTrial> stored;
    if (!options_.fresh) stored = store.load(trial, multiplier);
    if (stored) {
      reporter_.note("trial " + std::to_string(trial) + " is taken from " + options_.out.string());
    } else {
      stored = train_trial(trial, multiplier);
      store.save(trial, *stored);
    }
    const MeasuredNetwork measured = measure(stored->network);
    nlohmann::json record = stored->record;
    record.update(judge(measured.network, measured.energy_fj()));
    const bool accepted = record.at("accepted");
    search.report(multiplier, accepted);
    reporter_.note(trial_line(record));
    if (accepted && (!result.chosen_trial || measured.energy_fj() < result.after.energy_fj())) {
      result.chosen_trial = trial;
      result.after = measured;
    }
    result.trials.push_back(record);
    // The trial's own statistics: partial sums of a compressed network are quieter.
    for (std::size_t l = 0; l < context_.layers.size(); ++l) {
      context_.layers[l].cost = measured.costs[l];
    }
  }
  if (!result.chosen_trial) {
    reporter_.note("no trial kept the accuracy limit: the result is the dense network");
  }

  network::QuantizedNetwork& network = result.after.network;
  network.metadata = baseline_.metadata;
  network.metadata["togglewise.baseline"] = options_.model.string();
  network.metadata["togglewise.baseline_hash"] = baseline_hash_;
  network.metadata["togglewise.workload"] = options_.workload.string();
  network.metadata["togglewise.workload_hash"] = workload_.text_hash;
  network.metadata["togglewise.seed"] = std::to_string(options_.seed);
  network.metadata["togglewise.version"] = kVersion;
  network.metadata.erase(mapping::kMappingMetadata);
  if (!options_.mapping_text.empty()) {
    network.metadata[mapping::kMappingMetadata] = options_.mapping_text;
  }
  network::check_network(network, options_.weight_bits, (options_.out / model_file).string());
  result.after.traces.model_hash = hash_bytes(network::to_onnx(network));

  reporter_.note("measuring accuracy on test images");
  const network::Dataset test = network::read_test_set(workload_);
  const std::vector<std::uint8_t> test_before =
      hits(baseline_, test, all_images(test), options_.threads);
  const std::vector<std::uint8_t> test_after =
      hits(network, test, all_images(test), options_.threads);
  result.before = before_;
  result.holdout_before = holdout_before_;
  result.holdout_after = hits(network, data_.images, data_.split.holdout, options_.threads);
  result.test_before = test_before;
  result.test_after = test_after;

  nlohmann::json json = compress_json(result);
  json["tool"] = "togglewise";
  json["command"] = "compress";
  json["version"] = kVersion;
  json["seed"] = options_.seed;
  json["split_seed"] = split_seed_;
  json["workload"] = workload_json(workload_);
  json["hardware"] = options_.provenance.value("hardware", nlohmann::json());
  json["tables"] = options_.provenance.value("tables", nlohmann::json());
  if (options_.provenance.contains("mapping")) json["mapping"] = options_.provenance["mapping"];
  json["dataset"] = {{"hash", dataset_hash(data_.images)},
                     {"training_images", data_.split.train.size()},
                     {"holdout_images", data_.split.holdout.size()},
                     {"test_images", test.size()}};
  json["model"] = {
      {"file", model_file}, {"name", network.name}, {"hash", result.after.traces.model_hash}};
  json["baseline"] = {{"file", options_.model.string()}, {"hash", baseline_hash_}};
  json["teacher"] = teacher_.name;
  json["parameters"] = {
      {"selector", selector_.name()},
      {"max_accuracy_drop_points", options_.max_accuracy_drop},
      {"margin_standard_errors", margin_standard_errors},
      {"trials", workload_.compression.trials},
      {"epochs", workload_.compression.epochs},
      {"learning_rate", workload_.compression.learning_rate},
      {"distillation_temperature", workload_.compression.distillation_temperature},
      {"largest_set", workload_.compression.largest_set},
      {"multiplier_bracket", {bracket.low, bracket.high}}};
  json["timing"] = {{"total_seconds", stopwatch_.seconds()}, {"threads", options_.threads}};

  network::write_traces(result.after.traces, options_.out / traces_file);
  network::write_onnx(network, options_.out / model_file);
  write_json(json, options_.out / "compress.json");
  return json;
}

}  // namespace

nlohmann::json run_compress(const CompressOptions& options, const CostModel& costs,
                            const Reporter& reporter) {
  return CompressRun(options, costs, reporter).run();
}

}  // namespace togglewise::compress
