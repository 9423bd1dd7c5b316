#include "compress/run/train_run.h"

#include <algorithm>
#include <map>
#include <optional>

#include "compress/data/training_data.h"
#include "compress/model/architecture.h"
#include "compress/model/float_network.h"
#include "compress/quantize/export_network.h"
#include "compress/quantize/scales.h"
#include "compress/run/accuracy.h"
#include "compress/run/tensor_file.h"
#include "compress/run/train_epoch.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"
#include "sim/network/onnx_file.h"
#include "sim/network/traces.h"

namespace togglewise::compress {

namespace {

constexpr const char* checkpoint_file = "train_checkpoint.pt";
constexpr const char* checkpoint_kind = "togglewise training checkpoint";
constexpr int scale_images = 512;  // training images that the scales of activations are chosen on

// Everything that changes from epoch to epoch.
struct TrainState {
  Parameters parameters;
  std::vector<float> activation_scales;  // empty while training in real numbers
  int finished_epochs = 0;
  nlohmann::json log = nlohmann::json::array();
};

class TrainRun {
 public:
  TrainRun(const TrainOptions& options, const Reporter& reporter)
      : options_(options),
        reporter_(reporter),
        workload_(config::read_workload_config(options.workload)) {
    require_architecture();
    require_writable_directory(options.out);
    data_ = read_training_data(workload_, options.seed);
    geometry_ = make_architecture(workload_.model.architecture, data_.images.shape,
                                  static_cast<int>(workload_.dataset.classes.size()));
    fingerprint_ = hash_bytes(std::string(kVersion) + "\n" + workload_.text_hash + "\n" +
                              dataset_hash(data_.images) + "\n" + std::to_string(options.seed));
  }

  nlohmann::json run();

 private:
  void require_architecture() const;
  void train_remaining_epochs(TrainState& state, Sgd& optimizer);
  std::vector<float> choose_activation_scales(const Parameters& parameters) const;
  void save(const TrainState& state, const Sgd& optimizer) const;
  bool restore(TrainState& state, Sgd& optimizer) const;
  network::QuantizedNetwork integer_network(const TrainState& state) const;
  nlohmann::json report(const TrainState& state, const network::QuantizedNetwork& network) const;

  const TrainOptions& options_;
  const Reporter& reporter_;
  Stopwatch stopwatch_;
  config::WorkloadConfig workload_;
  TrainingData data_;
  network::QuantizedNetwork geometry_;
  std::string fingerprint_;  // of all input: a checkpoint of other input is not used
};

void TrainRun::require_architecture() const {
  if (!workload_.model.architecture.empty()) return;
  throw Error::input("TW-TRAIN-005", "the workload names a finished network and none to train")
      .at(workload_.file.string())
      .expected("'model.architecture' in place of 'model.file'");
}

nlohmann::json TrainRun::run() {
  TrainState state;
  state.parameters = random_parameters(geometry_, options_.seed);
  Sgd optimizer(state.parameters.all(),
                {workload_.training.momentum, workload_.training.weight_decay});
  if (!options_.fresh && restore(state, optimizer)) {
    reporter_.note("going on after epoch " + std::to_string(state.finished_epochs) + " of " +
                   std::to_string(workload_.training.epochs));
  }
  train_remaining_epochs(state, optimizer);

  const network::QuantizedNetwork network = integer_network(state);
  const std::vector<std::size_t> calibration =
      calibration_images(data_, workload_.calibration.images);
  const network::Traces traces = network::trace_network(
      network, data_.images, calibration,
      std::to_string(calibration.size()) + " training images of " + workload_.name,
      options_.threads);
  const nlohmann::json result = report(state, network);

  TensorFile float_network;
  float_network.kind = float_kind;
  float_network.record = {{"model_hash", hash_bytes(network::to_onnx(network))}};
  const std::vector<torch::Tensor> tensors = state.parameters.all();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    float_network.tensors["parameter" + std::to_string(i)] = tensors[i];
  }
  write_tensor_file(float_network, options_.out / float_file);
  network::write_traces(traces, options_.out / traces_file);
  network::write_onnx(network, options_.out / model_file);
  write_json(result, options_.out / "train.json");
  return result;
}

void TrainRun::train_remaining_epochs(TrainState& state, Sgd& optimizer) {
  const config::WorkloadConfig::Training& training = workload_.training;
  const EpochParams params{training.batch_size,
                           {training.gradient_shards, options_.threads},
                           {training.learning_rate},
                           options_.seed,
                           training.epochs};
  const LossFunction loss = label_loss(data_.images);
  const Projection in_real_numbers = [](const Parameters& p, double) { return p; };
  const Projection on_the_grid = [](const Parameters& p, double) {
    Parameters projected = p;
    projected.weights = dequantize(nearest_weights(p.weights), p.weights);
    return projected;
  };
  for (int epoch = state.finished_epochs; epoch < training.epochs; ++epoch) {
    const bool quantized = epoch >= training.epochs - training.quantization_epochs;
    // Chosen anew for each epoch, because the weights below keep moving.
    if (quantized) state.activation_scales = choose_activation_scales(state.parameters);
    const EpochStats stats =
        train_epoch(geometry_, data_, loss, quantized ? on_the_grid : in_real_numbers,
                    state.activation_scales, params, epoch, state.parameters, optimizer,
                    "epoch " + std::to_string(epoch + 1) + "/" + std::to_string(training.epochs) +
                        (quantized ? " (int8)" : " (float)"),
                    reporter_.progress);
    const Accuracy seen{stats.correct, stats.images};
    state.log.push_back({{"epoch", epoch + 1},
                         {"phase", quantized ? "quantization" : "float"},
                         {"final_learning_rate", stats.learning_rate},
                         {"mean_loss", stats.mean_loss},
                         {"training_top1_percent", seen.percent()}});
    state.finished_epochs = epoch + 1;
    save(state, optimizer);
  }
  if (state.activation_scales.empty()) {
    state.activation_scales = choose_activation_scales(state.parameters);
  }
}

std::vector<float> TrainRun::choose_activation_scales(const Parameters& parameters) const {
  const std::vector<std::size_t> images = calibration_images(data_, scale_images);
  Parameters projected = parameters;
  projected.weights = dequantize(nearest_weights(parameters.weights), parameters.weights);
  const std::vector<torch::Tensor> outputs =
      layer_outputs(geometry_, projected, image_tensor(data_.images, images.data(), images.size()));
  const std::vector<const network::GemmLayer*> layers = geometry_.gemm_layers();
  std::vector<float> scales(layers.size(), 0.0F);
  for (std::size_t l = 0; l < outputs.size(); ++l) {
    scales[l] = activation_scale(outputs[l].data_ptr<float>(),
                                 static_cast<std::size_t>(outputs[l].numel()), layers[l]->relu);
  }
  return scales;
}

void TrainRun::save(const TrainState& state, const Sgd& optimizer) const {
  TensorFile content;
  content.kind = checkpoint_kind;
  content.record = {{"fingerprint", fingerprint_},
                    {"finished_epochs", state.finished_epochs},
                    {"activation_scales", state.activation_scales},
                    {"log", state.log}};
  const std::vector<torch::Tensor> parameters = state.parameters.all();
  const std::vector<torch::Tensor> momentum = optimizer.momentum();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    content.tensors["parameter" + std::to_string(i)] = parameters[i];
    content.tensors["momentum" + std::to_string(i)] = momentum[i];
  }
  write_tensor_file(content, options_.out / checkpoint_file);
}

bool TrainRun::restore(TrainState& state, Sgd& optimizer) const {
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
  std::vector<torch::Tensor> momentum;
  const std::vector<torch::Tensor> parameters = state.parameters.all();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].copy_(content->tensors.at("parameter" + std::to_string(i)));
    momentum.push_back(content->tensors.at("momentum" + std::to_string(i)));
  }
  optimizer.restore_momentum(momentum);
  state.finished_epochs = content->record.at("finished_epochs");
  state.activation_scales = content->record.at("activation_scales").get<std::vector<float>>();
  state.log = content->record.at("log");
  return true;
}

network::QuantizedNetwork TrainRun::integer_network(const TrainState& state) const {
  network::QuantizedNetwork network =
      export_network(geometry_, nearest_weights(state.parameters.weights), state.parameters.biases,
                     state.activation_scales);
  network.metadata["togglewise.workload"] = options_.workload.string();
  network.metadata["togglewise.workload_hash"] = workload_.text_hash;
  network.metadata["togglewise.seed"] = std::to_string(options_.seed);
  network.metadata["togglewise.split_seed"] = std::to_string(options_.seed);
  network.metadata["togglewise.version"] = kVersion;
  try {
    network::check_network(network, 8, (options_.out / model_file).string());
  } catch (const Error& error) {
    // Finite, but far from anything that integers could compute with.
    throw Error::run("TW-TRAIN-003",
                     "training diverged: the network cannot be quantized (" + error.message() + ")")
        .hint("lower the learning_rate in the workload");
  }
  return network;
}

nlohmann::json TrainRun::report(const TrainState& state,
                                const network::QuantizedNetwork& network) const {
  reporter_.note("measuring accuracy");
  const network::Dataset test = network::read_test_set(workload_);
  const torch::Tensor logits = compute_logits(geometry_, state.parameters, {}, data_.images,
                                              data_.split.holdout, options_.threads);
  Accuracy in_real_numbers{0, data_.split.holdout.size()};
  for (std::size_t i = 0; i < data_.split.holdout.size(); ++i) {
    const float* row = logits.data_ptr<float>() + i * static_cast<std::size_t>(network.classes);
    in_real_numbers.correct += std::max_element(row, row + network.classes) - row ==
                               data_.images.labels[data_.split.holdout[i]];
  }
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
        {"weight_decay", training.weight_decay}}},
      {"accuracy",
       {{"holdout",
         accuracy_of(hits(network, data_.images, data_.split.holdout, options_.threads)).to_json()},
        {"test", accuracy_of(hits(network, test, all_images(test), options_.threads)).to_json()},
        {"float_holdout", in_real_numbers.to_json()}}},
      {"layers", layers},
      {"epochs", state.log},
      {"timing", {{"total_seconds", stopwatch_.seconds()}, {"threads", options_.threads}}}};
}

}  // namespace

nlohmann::json run_train(const TrainOptions& options, const Reporter& reporter) {
  return TrainRun(options, reporter).run();
}

}  // namespace togglewise::compress
