#include "sim/network/inference.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/parallel.h"
#include "sim/network/gemm_inference.h"
#include "sim/network/network_check.h"
#include "sim/network/operation_inference.h"

namespace togglewise::network {
namespace {

constexpr std::size_t images_per_task = 64;

}  // namespace

struct IntegerInference::Prepared {
  std::vector<std::array<std::int8_t, 256>> pixels;  // input_table()
  std::vector<PreparedGemm> layers;
  std::vector<std::size_t> last_use;  // of each node's result: the last node that takes it
  float last_scale = 0;               // of the last node's result
};

namespace {

// One image on its way through the network.
class ImageInference {
 public:
  ImageInference(const QuantizedNetwork& network, const std::vector<PreparedGemm>& layers,
                 const std::vector<std::size_t>& last_use, FeatureMap input,
                 const LayerObserver& observe)
      : network_(network),
        layers_(layers),
        last_use_(last_use),
        input_(std::move(input)),
        observe_(observe),
        results_(network.nodes.size()) {}

  // Result of the last node; empty when it gives accumulators, which are then in sums().
  FeatureMap run() {
    for (std::size_t n = 0; n < network_.nodes.size(); ++n) {
      const Node& node = network_.nodes[n];
      results_[n] =
          std::visit([&](const auto& typed) { return result(typed, node); }, node.operation);
      for (const int input : node.inputs) {
        if (input != network_input && last_use_[static_cast<std::size_t>(input)] == n) {
          results_[static_cast<std::size_t>(input)] = {};
        }
      }
    }
    return std::move(results_.back());
  }

  const LayerSums& sums() const { return sums_; }

 private:
  const FeatureMap& input_of(const Node& node, std::size_t i = 0) const {
    const int input = node.inputs[i];
    return input == network_input ? input_ : results_[static_cast<std::size_t>(input)];
  }

  FeatureMap result(const GemmLayer& layer, const Node& node) {
    const PreparedGemm& prepared = layers_[next_layer_++];
    const FeatureMap& input = input_of(node);
    prepared.accumulate(input.data(), sums_);
    if (observe_) observe_({&layer, input, prepared.dense(sums_)});
    return layer.output_scale == 0 ? FeatureMap{} : prepared.requantized(sums_);
  }

  FeatureMap result(const Add& add, const Node& node) const {
    return compute(add, input_of(node, 0), input_of(node, 1));
  }

  FeatureMap result(const Concat& concat, const Node& node) const {
    std::vector<const FeatureMap*> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) inputs.push_back(&input_of(node, i));
    return compute(concat, inputs);
  }

  FeatureMap result(const Flatten& /*flatten*/, const Node& node) const { return input_of(node); }

  template <typename Other>
  FeatureMap result(const Other& operation, const Node& node) const {
    return compute(operation, input_of(node));
  }

  const QuantizedNetwork& network_;
  const std::vector<PreparedGemm>& layers_;
  const std::vector<std::size_t>& last_use_;
  FeatureMap input_;
  const LayerObserver& observe_;
  std::vector<FeatureMap> results_;
  LayerSums sums_;  // of the latest GEMM layer
  std::size_t next_layer_ = 0;
};

}  // namespace

IntegerInference::IntegerInference(const QuantizedNetwork& network) : network_(&network) {
  auto prepared = std::make_unique<Prepared>();
  prepared->pixels = input_table(network);
  for (const GemmLayer* layer : network.gemm_layers()) prepared->layers.emplace_back(*layer);
  prepared->last_use.resize(network.nodes.size());
  std::vector<float> scales;
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    for (const int input : network.nodes[n].inputs) {
      if (input != network_input) prepared->last_use[static_cast<std::size_t>(input)] = n;
    }
    const int first = network.nodes[n].inputs[0];
    scales.push_back(output_scale(
        network.nodes[n].operation,
        first == network_input ? network.input_scale : scales[static_cast<std::size_t>(first)]));
  }
  prepared->last_scale = scales.back();
  prepared_ = std::move(prepared);
}

IntegerInference::~IntegerInference() = default;
IntegerInference::IntegerInference(IntegerInference&&) noexcept = default;
IntegerInference& IntegerInference::operator=(IntegerInference&&) noexcept = default;

std::vector<double> IntegerInference::logits(const std::uint8_t* pixels,
                                             const LayerObserver& observe) const {
  FeatureMap input(network_->input.size());
  const std::size_t channel_size = input.size() / prepared_->pixels.size();
  for (std::size_t i = 0; i < input.size(); ++i) {
    input[i] = prepared_->pixels[i / channel_size][pixels[i]];
  }
  ImageInference image(*network_, prepared_->layers, prepared_->last_use, std::move(input),
                       observe);
  const FeatureMap last = image.run();

  std::vector<double> logits;
  for (const std::int8_t value : last) {
    logits.push_back(static_cast<double>(value) * static_cast<double>(prepared_->last_scale));
  }
  const auto* layer = std::get_if<GemmLayer>(&network_->nodes.back().operation);
  if (layer == nullptr || layer->output_scale != 0) return logits;
  for (std::size_t channel = 0; channel < layer->bias.size(); ++channel) {
    const std::int32_t sum = *image.sums().row(channel, 0) + layer->bias[channel];
    logits.push_back(static_cast<double>(sum) * static_cast<double>(layer->input_scale) *
                     static_cast<double>(layer->weight_scale[channel]));
  }
  return logits;
}

int IntegerInference::classify(const std::uint8_t* pixels) const {
  const std::vector<double> values = logits(pixels);
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

std::vector<double> infer(const QuantizedNetwork& network, const std::uint8_t* pixels,
                          const LayerObserver& observe) {
  return IntegerInference(network).logits(pixels, observe);
}

int classify(const QuantizedNetwork& network, const std::uint8_t* pixels) {
  return IntegerInference(network).classify(pixels);
}

void require_images_fit(const QuantizedNetwork& network, const Dataset& dataset) {
  if (dataset.shape == network.input) return;
  throw Error::input("TW-DATA-009", fmt::format("the images are {}, but the network '{}' takes {}",
                                                check::shape_text(dataset.shape), network.name,
                                                check::shape_text(network.input)))
      .expected("images of the network's shape (channels×rows×columns)");
}

std::size_t count_correct(const QuantizedNetwork& network, const Dataset& dataset,
                          const std::vector<std::size_t>& indices, int threads) {
  require_images_fit(network, dataset);
  const IntegerInference inference(network);
  const std::size_t tasks = (indices.size() + images_per_task - 1) / images_per_task;
  std::vector<std::size_t> correct(tasks);
  parallel_for(tasks, threads, [&](std::size_t task) {
    const std::size_t end = std::min(indices.size(), (task + 1) * images_per_task);
    for (std::size_t i = task * images_per_task; i < end; ++i) {
      const std::size_t image = indices[i];
      if (inference.classify(dataset.image(image)) == dataset.labels[image]) ++correct[task];
    }
  });
  std::size_t sum = 0;
  for (const std::size_t count : correct) sum += count;
  return sum;
}

}  // namespace togglewise::network
