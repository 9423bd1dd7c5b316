// Small random networks: convolutions with any kernel, stride and padding, pooling, fully connected
// layers, with scales that keep the activations alive.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "sim/base/random.h"
#include "sim/network/dataset.h"
#include "sim/network/quantized_network.h"

namespace togglewise::network {

inline void fill_layer(GemmLayer& layer, Random& random) {
  const auto channels = static_cast<std::size_t>(layer.output.channels);
  const int reduction = layer.gemm().reduction;
  if (random.below(2) == 0) {
    std::set<int> values;
    while (values.size() < 5) values.insert(random.between(-128, 127));
    layer.permitted_values.assign(values.begin(), values.end());
  }
  for (std::size_t i = 0; i < channels * static_cast<std::size_t>(reduction); ++i) {
    const int weight = layer.permitted_values.empty()
                           ? random.between(-128, 127)
                           : layer.permitted_values[random.below(layer.permitted_values.size())];
    layer.weights.push_back(static_cast<std::int8_t>(weight));
  }
  for (std::size_t c = 0; c < channels; ++c) {
    layer.bias.push_back(random.between(-20000, 20000));
    layer.weight_scale.push_back(static_cast<float>(0.001 + 0.02 * random.unit()));
  }
}

inline GemmLayer random_layer(const std::string& name, FeatureMapShape input, bool fully_connected,
                              int output_channels, float input_scale, Random& random) {
  GemmLayer layer;
  layer.name = name;
  layer.fully_connected = fully_connected;
  layer.input = input;
  layer.input_scale = input_scale;
  if (!fully_connected) {
    const int padding = random.between(0, 1);
    layer.window = square_window(1, random.between(1, 2), padding);
    layer.window.kernel_height = random.between(1, std::min(3, input.height));
    layer.window.kernel_width = random.between(1, std::min(3, input.width));
  }
  layer.output = {output_channels, layer.window.output_height(input.height),
                  layer.window.output_width(input.width)};
  layer.relu = random.below(3) != 0;
  layer.output_scale = static_cast<float>(0.05 + 0.5 * random.unit());
  fill_layer(layer, random);
  return layer;
}

inline QuantizedNetwork random_network(std::uint64_t seed) {
  Random random(seed);
  QuantizedNetwork network;
  network.name = "random" + std::to_string(seed);
  network.input = {1 + static_cast<int>(random.below(2)), random.between(4, 9),
                   random.between(4, 9)};
  network.input_scale = pixel_scale;
  network.classes = random.between(2, 6);
  network.metadata["togglewise.seed"] = std::to_string(seed);
  FeatureMapShape shape = network.input;
  float scale = network.input_scale;
  const int convolutions = random.between(0, 2);
  for (int i = 0; i < convolutions; ++i) {
    GemmLayer layer =
        random_layer("conv" + std::to_string(i), shape, false, random.between(1, 5), scale, random);
    shape = layer.output;
    scale = layer.output_scale;
    network.append(std::move(layer));
    if (shape.height >= 2 && shape.width >= 2 && random.below(2) == 0) {
      MaxPool pool{"pool" + std::to_string(i), shape, shape,
                   square_window(2, random.between(1, 2), 0)};
      pool.output.height = pool.window.output_height(shape.height);
      pool.output.width = pool.window.output_width(shape.width);
      shape = pool.output;
      network.append(pool);
    }
  }
  network.append(Flatten{"flatten", shape});
  shape = {static_cast<int>(shape.size()), 1, 1};
  if (random.below(2) == 0) {
    GemmLayer layer = random_layer("fc0", shape, true, random.between(1, 40), scale, random);
    shape = layer.output;
    scale = layer.output_scale;
    network.append(std::move(layer));
  }
  GemmLayer last = random_layer("fc1", shape, true, network.classes, scale, random);
  last.output_scale = 0;
  last.relu = false;
  network.append(std::move(last));
  return network;
}

inline Dataset random_images(const QuantizedNetwork& network, std::size_t count,
                             std::uint64_t seed) {
  Random random(seed);
  Dataset dataset;
  dataset.shape = network.input;
  for (std::size_t i = 0; i < count * dataset.shape.size(); ++i) {
    dataset.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  for (std::size_t i = 0; i < count; ++i) {
    dataset.labels.push_back(
        static_cast<std::uint8_t>(random.below(static_cast<std::uint64_t>(network.classes))));
  }
  return dataset;
}

}  // namespace togglewise::network
