#include "compress/run/starting_point.h"

#include <algorithm>
#include <variant>

#include "compress/run/logits.h"
#include "compress/run/onnx_model.h"
#include "compress/run/state_file.h"
#include "compress/run/train_run.h"
#include "sim/base/error.h"
#include "sim/base/hash.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/onnx_file.h"
#include "sim/quantize/normalization.h"
#include "sim/quantize/quantizer.h"

namespace togglewise::compress {

namespace {

constexpr std::size_t scale_images = 512;        // training images that scales are chosen on
constexpr std::size_t statistics_images = 4096;  // training images that batch norm is measured on
constexpr std::size_t statistics_batch = 128;

std::vector<std::size_t> first(const std::vector<std::size_t>& images, std::size_t count) {
  const std::size_t wanted = std::min(count, images.size());
  return {images.begin(), images.begin() + static_cast<std::ptrdiff_t>(wanted)};
}

void require_same_layers(const network::QuantizedNetwork& model,
                         const network::QuantizedNetwork& init, const std::string& source) {
  const auto a = model.gemm_layers();
  const auto b = init.gemm_layers();
  const auto differ = [](const network::GemmLayer* x, const network::GemmLayer* y) {
    return !(x->input == y->input && x->output == y->output && x->window == y->window &&
             x->groups == y->groups);
  };
  if (a.size() != b.size()) {
    throw Error::input("TW-COMPRESS-002",
                       "the float network has " + std::to_string(b.size()) + " layers with weights")
        .at(source)
        .expected("the same network as the int8 one, which has " + std::to_string(a.size()));
  }
  for (std::size_t l = 0; l < a.size(); ++l) {
    if (!differ(a[l], b[l])) continue;
    throw Error::input("TW-COMPRESS-002", "layer '" + b[l]->name +
                                              "' of the float network has "
                                              "another shape than '" +
                                              a[l]->name + "' of the int8 network")
        .at(source)
        .expected("the same network, before it was quantized");
  }
}

// What `train` left beside the model, or nothing.
bool restore_trained(const std::filesystem::path& model_file, const std::string& hash,
                     const Reporter& reporter, FloatModel& model) {
  const std::filesystem::path file = model_file.parent_path() / float_file;
  if (!std::filesystem::exists(file)) return false;
  const TensorFile content = read_tensor_file(file, float_kind);
  if (content.record.at("model_hash") != hash) {
    reporter.note(file.string() + " belongs to another model and is not used");
    return false;
  }
  TrainingState state{model.parameters, model.statistics};
  for (std::size_t l = 0; l < state.parameters.layers(); ++l) {
    const bool normalized = content.tensors.count("parameter" + std::to_string(3 * l + 1)) > 0;
    const std::int64_t channels = normalized ? state.parameters.biases[l].numel() : 0;
    state.parameters.gains[l] = torch::ones({channels});
  }
  state.statistics = unit_statistics(state.parameters);
  restore_state(content, file.string(), state, nullptr);
  model.parameters = state.parameters;
  model.statistics = state.statistics;
  model.name = "float network";
  return true;
}

// The int8 network alone, as `model` holds it or as quantize makes it of a float one with its
// defaults on the first 512 training images.
network::QuantizedNetwork read_baseline(const std::filesystem::path& model,
                                        const config::WorkloadConfig::Dataset& dataset,
                                        const CompressImages& images, int threads,
                                        bool& quantized_here) {
  graph::ImportedNetwork imported = graph::import_onnx(model);
  quantized_here = std::holds_alternative<graph::FloatNetwork>(imported);
  if (!quantized_here) return std::get<network::QuantizedNetwork>(std::move(imported));
  auto& network = std::get<graph::FloatNetwork>(imported);
  network.geometry.normalization = quantize::choose_normalization(
      network.geometry, dataset.mean, dataset.deviation, model.string());
  quantize::QuantizeParams params;
  params.threads = threads;
  return quantize::quantize_network(network, images.training, first(images.train, scale_images),
                                    params, model.string());
}

FloatModel initial_model(const StartingFiles& files, const network::QuantizedNetwork& baseline,
                         const std::string& baseline_hash, bool quantized_here, Precision precision,
                         const Reporter& reporter) {
  if (!files.init.empty()) {
    FloatModel model = read_float_model(files.init, precision);
    require_same_layers(baseline, model.network.network(), files.init.string());
    return model;
  }
  if (quantized_here) return read_float_model(files.model, precision);
  FloatModel model = float_model(baseline, precision);
  restore_trained(files.model, baseline_hash, reporter, model);
  return model;
}

// A float network whose file does not say how pixels are normalized sees them as the int8 one does.
void normalize_like(const network::QuantizedNetwork& baseline, FloatModel& model) {
  if (!model.network.network().normalization.mean.empty()) return;
  model.network.set_normalization(baseline.normalization);
}

}  // namespace

std::string split_seed_of(const std::filesystem::path& model) {
  const graph::ImportedNetwork imported = graph::import_onnx(model);
  const auto* network = std::get_if<network::QuantizedNetwork>(&imported);
  if (network == nullptr) return "";
  const auto entry = network->metadata.find("togglewise.split_seed");
  return entry == network->metadata.end() ? "" : entry->second;
}

StartingPoint load_starting_point(const StartingFiles& files,
                                  const config::WorkloadConfig& workload,
                                  const CompressImages& images, Precision precision,
                                  int activation_bits, int threads, const Reporter& reporter) {
  bool quantized_here = false;
  network::QuantizedNetwork baseline =
      read_baseline(files.model, workload.dataset, images, threads, quantized_here);
  require_fit(baseline, images.training, workload, files.model.string());
  const std::string baseline_hash = hash_bytes(network::to_onnx(baseline));
  const FloatModel initial =
      initial_model(files, baseline, baseline_hash, quantized_here, precision, reporter);
  StartingPoint start{baseline, baseline_hash, baseline, initial, initial, initial};
  normalize_like(baseline, start.initial);
  start.initial.device = device_of(workload.training.device, workload.file.string());
  if (activation_bits < all_activation_bits) {
    quantize::QuantizeParams params;
    params.activation_bits = activation_bits;
    params.threads = threads;
    start.scaled =
        quantize::quantize_network(folded(start.initial), images.training,
                                   first(images.train, scale_images), params, files.model.string());
    // Layers keep the names under which mappings and reports know them.
    const std::vector<network::GemmLayer*> to = start.scaled.gemm_layers();
    for (std::size_t l = 0; l < to.size(); ++l) to[l]->name = baseline.gemm_layers()[l]->name;
  }
  start.trainable = start.initial;
  start.trainable.parameters = start.initial.parameters.clone();
  insert_batch_norm(start.trainable, images.training, first(images.train, statistics_images),
                    statistics_batch, threads);
  start.teacher = start.initial;
  if (!files.teacher.empty()) {
    start.teacher = read_float_model(files.teacher, precision);
    normalize_like(baseline, start.teacher);
    start.teacher.device = start.initial.device;
    require_fit(start.teacher.network.network(), images.training, workload, files.teacher.string());
  }
  return start;
}

}  // namespace togglewise::compress
