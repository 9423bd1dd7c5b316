#include "compress/run/train_run.h"

#include <algorithm>
#include <optional>

#include "compress/data/training_data.h"
#include "compress/model/architecture.h"
#include "compress/model/float_model.h"
#include "compress/quantize/export_network.h"
#include "compress/run/accuracy.h"
#include "compress/run/logits.h"
#include "compress/run/onnx_model.h"
#include "compress/run/state_file.h"
#include "compress/run/train_epoch.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"
#include "sim/network/onnx_file.h"
#include "sim/network/traces.h"
#include "sim/quantize/normalization.h"
#include "sim/quantize/quantizer.h"

namespace togglewise::compress {

namespace {

constexpr const char* checkpoint_file = "train_checkpoint.pt";
constexpr const char* checkpoint_kind = "togglewise training checkpoint";
constexpr int scale_images = 512;  // training images that the scales of activations are chosen on
constexpr int statistics_images =
    4096;  // training images that batch norm is measured on at the end

class TrainRun {
 public:
  TrainRun(const TrainOptions& options, const Reporter& reporter);
  nlohmann::json run();

 private:
  void start();
  void train_remaining_epochs();
  void choose_scales();
  EpochStats train_one(int epoch, bool quantized);
  void save() const;
  bool restore();
  void estimate(const TrainableNetwork& network, const StepWeights& weights,
                BatchStatistics& statistics) const;
  network::QuantizedNetwork integer_network() const;
  FloatModel float_network() const;
  nlohmann::json report(const network::QuantizedNetwork& network,
                        const FloatModel& in_real_numbers) const;

  const TrainOptions& options_;
  const Reporter& reporter_;
  Stopwatch stopwatch_;
  config::WorkloadConfig workload_;
  TrainingData data_;
  Precision precision_ = Precision::float32;
  torch::Device device_ = torch::kCPU;
  std::optional<FloatModel> model_;  // geometry and state; the state is what is trained
  std::optional<network::QuantizedNetwork> scaled_;  // set while training with fake quantization
  std::unique_ptr<Sgd> optimizer_;
  TrainingState state_;
  int finished_epochs_ = 0;
  nlohmann::json log_ = nlohmann::json::array();
  std::string fingerprint_;  // of all input: a checkpoint of other input is not used
};

TrainRun::TrainRun(const TrainOptions& options, const Reporter& reporter)
    : options_(options),
      reporter_(reporter),
      workload_(config::read_workload_config(options.workload)) {
  if (workload_.model.architecture.empty() && options.init.empty()) {
    throw Error::input("TW-TRAIN-005", "the workload names a finished network and none to train")
        .at(workload_.file.string())
        .expected("'model.architecture' in place of 'model.file', or --init");
  }
  device_ = device_of(workload_.training.device, workload_.file.string());
  precision_ = precision_of(workload_.training.precision);
  require_writable_directory(options.out);
  data_ = read_training_data(workload_, options.seed);
  start();
  const config::WorkloadConfig::Training& training = workload_.training;
  optimizer_ = std::make_unique<Sgd>(state_.parameters.all(),
                                     SgdParams{training.momentum, training.weight_decay});
  fingerprint_ = hash_bytes(
      std::string(kVersion) + "\n" + workload_.text_hash + "\n" + dataset_hash(data_.images) +
      "\n" + std::to_string(options.seed) + "\n" + name_of(precision_) +
      (options.init.empty() ? "" : "\n" + hash_bytes(read_file(options.init))));
}

// The network and its first parameters.
void TrainRun::start() {
  const auto classes = static_cast<int>(workload_.dataset.classes.size());
  if (options_.init.empty()) {
    network::QuantizedNetwork geometry = make_architecture(
        workload_.model.architecture, data_.images.shape, classes, workload_.file.string());
    const Parameters parameters = random_parameters(geometry, options_.seed, true);
    model_.emplace(FloatModel{TrainableNetwork(std::move(geometry)), parameters,
                              unit_statistics(parameters), precision_, device_, "float network"});
  } else {
    model_.emplace(read_float_model(options_.init, precision_));
    model_->device = device_;
    model_->network.set_normalization(
        quantize::choose_normalization(model_->network.network(), workload_.dataset.mean,
                                       workload_.dataset.deviation, options_.init.string()));
    require_fit(model_->network.network(), data_.images, workload_, options_.init.string());
    insert_batch_norm(*model_, data_.images, calibration_images(data_, statistics_images),
                      static_cast<std::size_t>(workload_.training.batch_size), options_.threads);
  }
  state_ = {model_->parameters, model_->statistics};
}

nlohmann::json TrainRun::run() {
  if (!options_.fresh && restore()) {
    reporter_.note("going on after epoch " + std::to_string(finished_epochs_) + " of " +
                   std::to_string(workload_.training.epochs));
  }
  train_remaining_epochs();

  const network::QuantizedNetwork network = integer_network();
  const FloatModel in_real_numbers = float_network();
  const std::vector<std::size_t> calibration =
      calibration_images(data_, workload_.calibration.images);
  const network::Traces traces = network::trace_network(
      network, data_.images, calibration,
      std::to_string(calibration.size()) + " training images of " + workload_.name,
      options_.threads);
  const nlohmann::json result = report(network, in_real_numbers);

  TensorFile file;
  file.kind = float_kind;
  file.record = {{"model_hash", hash_bytes(network::to_onnx(network))}};
  add_state({in_real_numbers.parameters, in_real_numbers.statistics}, nullptr, file);
  write_tensor_file(file, options_.out / float_file);
  network::write_traces(traces, options_.out / traces_file);
  network::write_onnx(network, options_.out / model_file);
  write_json(result, options_.out / "train.json");
  return result;
}

void TrainRun::train_remaining_epochs() {
  const config::WorkloadConfig::Training& training = workload_.training;
  for (int epoch = finished_epochs_; epoch < training.epochs; ++epoch) {
    const bool quantized = epoch >= training.epochs - training.quantization_epochs;
    // Anew for each epoch, because the weights keep moving; a resumed run chooses the same.
    if (quantized) choose_scales();
    const EpochStats stats = train_one(epoch, quantized);
    const Accuracy seen{stats.correct, stats.images};
    log_.push_back({{"epoch", epoch + 1},
                    {"phase", quantized ? "quantization" : "float"},
                    {"final_learning_rate", stats.learning_rate},
                    {"mean_loss", stats.mean_loss},
                    {"training_top1_percent", seen.percent()}});
    finished_epochs_ = epoch + 1;
    save();
  }
  choose_scales();
}

// Scales of all tensors, as `togglewise quantize` chooses them for the network as it is now.
void TrainRun::choose_scales() {
  FloatModel now = *model_;
  now.parameters = state_.parameters;
  now.statistics = state_.statistics;
  quantize::QuantizeParams params;
  params.threads = options_.threads;
  try {
    scaled_ = quantize::quantize_network(folded(now), data_.images,
                                         calibration_images(data_, scale_images), params,
                                         (options_.out / model_file).string());
  } catch (const Error& error) {
    // Finite, but far from anything that integers could compute with.
    throw Error::run("TW-TRAIN-003",
                     "training diverged: the network cannot be quantized (" + error.message() + ")")
        .hint("lower the learning_rate in the workload");
  }
}

// Weights on the grid of their largest magnitudes at this moment.
QuantizedWeights on_the_grid(const Parameters& parameters) {
  QuantizedWeights weights = zero_weights(parameters.weights);
  round_to_nearest(parameters.weights, weights);
  return weights;
}

EpochStats TrainRun::train_one(int epoch, bool quantized) {
  const config::WorkloadConfig::Training& training = workload_.training;
  EpochParams params;
  params.batch_size = training.batch_size;
  params.plan = {training.gradient_shards, options_.threads};
  params.learning_rate = {training.learning_rate};
  params.augmentation = augmentation_of(workload_);
  params.precision = precision_;
  params.device = device_;
  params.seed = options_.seed;
  params.epochs = training.epochs;
  QuantizedWeights grid;
  const Projection projection = [&](const TrainingState& state, double) -> StepWeights {
    if (!quantized) return {state.parameters.weights, nullptr};
    grid = on_the_grid(state.parameters);
    return {value_tensors(grid, state.parameters.weights), &grid.scale};
  };
  const TrainableNetwork network = quantized ? TrainableNetwork(*scaled_) : model_->network;
  return train_epoch(network, data_.images, data_.split.train, label_loss(), projection, params,
                     epoch, state_, *optimizer_,
                     "epoch " + std::to_string(epoch + 1) + "/" + std::to_string(training.epochs) +
                         (quantized ? " (int8)" : " (float)"),
                     reporter_.progress);
}

void TrainRun::save() const {
  TensorFile content;
  content.kind = checkpoint_kind;
  content.record = {
      {"fingerprint", fingerprint_}, {"finished_epochs", finished_epochs_}, {"log", log_}};
  add_state(state_, optimizer_.get(), content);
  write_tensor_file(content, options_.out / checkpoint_file);
}

bool TrainRun::restore() {
  const std::filesystem::path file = options_.out / checkpoint_file;
  if (!std::filesystem::exists(file)) return false;
  std::optional<TensorFile> content;
  try {
    content = read_tensor_file(file, checkpoint_kind);
  } catch (const Error& error) {
    reporter_.note(std::string("starting over: ") + error.what());
    return false;
  }
  if (content->record.at("fingerprint") != fingerprint_) {
    reporter_.note("starting over: " + file.string() + " belongs to other input or another seed");
    return false;
  }
  restore_state(*content, file.string(), state_, optimizer_.get());
  finished_epochs_ = content->record.at("finished_epochs");
  log_ = content->record.at("log");
  return true;
}

// Mean and variance of every layer under the weights as they are now.
void TrainRun::estimate(const TrainableNetwork& network, const StepWeights& weights,
                        BatchStatistics& statistics) const {
  const ForwardInput input = step_input(weights, state_.parameters, precision_, device_);
  const std::vector<std::size_t> images = calibration_images(data_, statistics_images);
  statistics = estimate_statistics(
      network, input, data_.images, images, static_cast<std::size_t>(workload_.training.batch_size),
      {augmentation_of(workload_), options_.seed, workload_.training.epochs}, options_.threads);
}

network::QuantizedNetwork TrainRun::integer_network() const {
  const QuantizedWeights grid = on_the_grid(state_.parameters);
  BatchStatistics statistics = state_.statistics;
  estimate(TrainableNetwork(*scaled_),
           {value_tensors(grid, state_.parameters.weights), &grid.scale}, statistics);
  network::QuantizedNetwork network = export_network(*scaled_, grid, state_.parameters, statistics);
  network.metadata.clear();
  network.metadata["togglewise.workload"] = options_.workload.string();
  network.metadata["togglewise.workload_hash"] = workload_.text_hash;
  network.metadata["togglewise.seed"] = std::to_string(options_.seed);
  network.metadata["togglewise.split_seed"] = std::to_string(options_.seed);
  network.metadata["togglewise.version"] = kVersion;
  try {
    network::check_network(network, 8, (options_.out / model_file).string());
  } catch (const Error& error) {
    throw Error::run("TW-TRAIN-003",
                     "training diverged: the network cannot be quantized (" + error.message() + ")")
        .hint("lower the learning_rate in the workload");
  }
  return network;
}

FloatModel TrainRun::float_network() const {
  FloatModel result = *model_;
  result.parameters = state_.parameters;
  estimate(result.network, {state_.parameters.weights, nullptr}, result.statistics);
  return result;
}

nlohmann::json TrainRun::report(const network::QuantizedNetwork& network,
                                const FloatModel& in_real_numbers) const {
  reporter_.note("measuring accuracy");
  const network::Dataset test = network::read_test_set(workload_);
  const Accuracy float_accuracy =
      accuracy_of(float_hits(in_real_numbers, data_.images, data_.split.holdout, options_.threads));
  nlohmann::json layers = nlohmann::json::array();
  for (const network::GemmLayer* layer : network.gemm_layers()) {
    layers.push_back({{"name", layer->name},
                      {"weights", layer->weights.size()},
                      {"input_scale", layer->input_scale},
                      {"output_scale", layer->output_scale}});
  }
  const config::WorkloadConfig::Training& training = workload_.training;
  return {
      {"tool", "togglewise"},
      {"command", "train"},
      {"version", kVersion},
      {"seed", options_.seed},
      {"workload", workload_json(workload_)},
      {"dataset",
       {{"hash", dataset_hash(data_.images)},
        {"training_images", data_.split.train.size()},
        {"holdout_images", data_.split.holdout.size()},
        {"test_images", test.size()}}},
      {"model",
       {{"file", model_file},
        {"name", network.name},
        {"hash", hash_bytes(network::to_onnx(network))}}},
      {"parameters",
       {{"epochs", training.epochs},
        {"quantization_epochs", training.quantization_epochs},
        {"batch_size", training.batch_size},
        {"gradient_shards", training.gradient_shards},
        {"learning_rate", training.learning_rate},
        {"momentum", training.momentum},
        {"weight_decay", training.weight_decay},
        {"augmentation",
         {{"flip", training.augmentation.flip},
          {"crop_padding", training.augmentation.crop_padding}}},
        {"precision", name_of(precision_)}}},
      {"accuracy",
       {{"holdout",
         accuracy_of(hits(network, data_.images, data_.split.holdout, options_.threads)).to_json()},
        {"test", accuracy_of(hits(network, test, all_images(test), options_.threads)).to_json()},
        {"float_holdout", float_accuracy.to_json()}}},
      {"layers", layers},
      {"epochs", log_},
      {"timing", {{"total_seconds", stopwatch_.seconds()}, {"threads", options_.threads}}}};
}

}  // namespace

nlohmann::json run_train(const TrainOptions& options, const Reporter& reporter) {
  return TrainRun(options, reporter).run();
}

}  // namespace togglewise::compress
