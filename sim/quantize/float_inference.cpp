#include "sim/quantize/float_inference.h"

#include <algorithm>

#include "sim/base/parallel.h"

namespace togglewise::quantize {
FloatInference::FloatInference(const graph::FloatNetwork& network) : network_(&network) {
  const network::QuantizedNetwork& geometry = network.geometry;
  const network::InputNormalization& normalization = geometry.normalization;
  pixel_values_.resize(static_cast<std::size_t>(geometry.input.channels));
  for (std::size_t channel = 0; channel < pixel_values_.size(); ++channel) {
    const double mean = normalization.mean.empty() ? 0.0 : double{normalization.mean[channel]};
    const double deviation =
        normalization.deviation.empty() ? 1.0 : double{normalization.deviation[channel]};
    for (int pixel = 0; pixel < 256; ++pixel) {
      pixel_values_[channel].push_back(static_cast<float>((pixel / 255.0 - mean) / deviation));
    }
  }
  last_use_.assign(geometry.nodes.size(), static_cast<int>(geometry.nodes.size()));
  for (std::size_t node = 0; node < geometry.nodes.size(); ++node) {
    for (const int input : geometry.nodes[node].inputs) {
      if (input >= 0) last_use_[static_cast<std::size_t>(input)] = static_cast<int>(node);
    }
    if (const auto* layer = std::get_if<network::GemmLayer>(&geometry.nodes[node].operation)) {
      layers_.emplace_back(*layer, network.parameters[node], static_cast<int>(batch_size));
    }
  }
}

FloatMaps FloatInference::normalized(const network::Dataset& dataset, const std::size_t* indices,
                                     std::size_t count) const {
  const std::size_t size = dataset.shape.size();
  const std::size_t plane = size / pixel_values_.size();
  FloatMaps values(batch_size * size);  // images that are missing in the last batch are zeros
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* pixels = dataset.image(indices[i]);
    for (std::size_t p = 0; p < size; ++p) {
      values[i * size + p] = pixel_values_[p / plane][pixels[p]];
    }
  }
  return values;
}

std::vector<float> FloatInference::logits(const network::Dataset& dataset,
                                          const std::size_t* indices, std::size_t count,
                                          const TensorObserver& observe) const {
  const std::vector<network::Node>& nodes = network_->geometry.nodes;
  constexpr int images = static_cast<int>(batch_size);
  const FloatMaps pixels = normalized(dataset, indices, count);
  if (observe) observe({network::network_input, pixels.data(), count, dataset.shape.size()});

  std::vector<FloatMaps> results(nodes.size());
  auto layer = layers_.begin();
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    std::vector<const FloatMaps*> inputs;
    for (const int input : nodes[node].inputs) {
      inputs.push_back(input < 0 ? &pixels : &results[static_cast<std::size_t>(input)]);
    }
    const std::size_t size = network::output_shape(nodes[node].operation).size();
    FloatMaps& result = results[node];
    if (std::holds_alternative<network::GemmLayer>(nodes[node].operation)) {
      result.resize(batch_size * size);
      layer->run(inputs[0]->data(), result.data());
      ++layer;
    } else {
      result = apply(nodes[node].operation, inputs, images);
    }
    clamp(result, network_->parameters[node].low, network_->parameters[node].high);
    if (observe) observe({static_cast<int>(node), result.data(), count, size});
    for (const int input : nodes[node].inputs) {
      if (input >= 0 && last_use_[static_cast<std::size_t>(input)] == static_cast<int>(node)) {
        FloatMaps().swap(results[static_cast<std::size_t>(input)]);
      }
    }
  }
  FloatMaps logits = std::move(results.back());
  logits.resize(count * static_cast<std::size_t>(network_->geometry.classes));
  return logits;
}

int largest_logit(const float* logits, int classes) {
  return static_cast<int>(std::max_element(logits, logits + classes) - logits);
}

std::size_t count_correct(const graph::FloatNetwork& network, const network::Dataset& dataset,
                          const std::vector<std::size_t>& indices, int threads) {
  const FloatInference inference(network);
  const int classes = network.geometry.classes;
  constexpr std::size_t batch = FloatInference::batch_size;
  const std::size_t tasks = (indices.size() + batch - 1) / batch;
  std::vector<std::size_t> correct(tasks);
  parallel_for(tasks, threads, [&](std::size_t task) {
    const std::size_t first = task * batch;
    const std::size_t count = std::min(batch, indices.size() - first);
    const std::vector<float> logits = inference.logits(dataset, indices.data() + first, count);
    for (std::size_t i = 0; i < count; ++i) {
      const int chosen =
          largest_logit(logits.data() + i * static_cast<std::size_t>(classes), classes);
      if (chosen == dataset.labels[indices[first + i]]) ++correct[task];
    }
  });
  std::size_t sum = 0;
  for (const std::size_t count : correct) sum += count;
  return sum;
}

}  // namespace togglewise::quantize
