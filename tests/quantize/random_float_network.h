// Small random float networks: a chain with grouped, strided and dilated convolutions, a residual
// sum, a concatenation, pooling, ReLU and ReLU6, with activations that stay around 1.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/random.h"
#include "sim/graph/float_network.h"
#include "sim/network/dataset.h"

namespace togglewise::quantize {

constexpr float infinity = std::numeric_limits<float>::infinity();

// About normal: the sum of 12 uniform numbers.
inline float normal(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.unit();
  return static_cast<float>(sum);
}

inline graph::FloatParameters random_parameters(const network::GemmLayer& layer, Random& random) {
  graph::FloatParameters parameters;
  const int reduction = layer.gemm().reduction;
  const float spread = 1.4F / std::sqrt(static_cast<float>(reduction));
  for (int i = 0; i < layer.output.channels * reduction; ++i) {
    parameters.weights.push_back(spread * normal(random));
  }
  for (int c = 0; c < layer.output.channels; ++c) {
    parameters.bias.push_back(0.2F * normal(random));
  }
  return parameters;
}

// Appends nodes and remembers where the last one stands.
class FloatNetworkBuilder {
 public:
  FloatNetworkBuilder(network::FeatureMapShape input, std::uint64_t seed) : random_(seed) {
    network_.geometry.name = "random" + std::to_string(seed);
    network_.geometry.input = input;
  }

  int convolution(int input, int channels, const network::Window& window, int groups = 1,
                  float low = -infinity, float high = infinity) {
    network::GemmLayer layer;
    layer.name = name("conv");
    layer.input = shape(input);
    layer.window = window;
    layer.groups = groups;
    layer.output = {channels, window.output_height(layer.input.height),
                    window.output_width(layer.input.width)};
    graph::FloatParameters parameters = random_parameters(layer, random_);
    parameters.low = low;
    parameters.high = high;
    return append(std::move(layer), {input}, std::move(parameters));
  }

  int fully_connected(int input, int outputs) {
    network::GemmLayer layer;
    layer.name = name("fc");
    layer.fully_connected = true;
    layer.input = shape(input);
    layer.output = {outputs, 1, 1};
    network_.geometry.classes = outputs;
    graph::FloatParameters parameters = random_parameters(layer, random_);
    return append(std::move(layer), {input}, std::move(parameters));
  }

  int add(int a, int b, float low = -infinity) {
    network::Add operation;
    operation.name = name("add");
    operation.output = shape(a);
    graph::FloatParameters parameters;
    parameters.low = low;
    return append(std::move(operation), {a, b}, std::move(parameters));
  }

  int concat(int a, int b) {
    network::Concat operation;
    operation.name = name("concat");
    operation.inputs = {shape(a), shape(b)};
    operation.output = shape(a);
    operation.output.channels += shape(b).channels;
    return append(std::move(operation), {a, b}, {});
  }

  template <typename Pool>
  int pool(int input, const network::Window& window) {
    Pool operation;
    operation.name = name("pool");
    operation.input = shape(input);
    operation.window = window;
    operation.output = {operation.input.channels, window.output_height(operation.input.height),
                        window.output_width(operation.input.width)};
    return append(std::move(operation), {input}, {});
  }

  int flatten(int input) {
    return append(network::Flatten{name("flatten"), shape(input)}, {input}, {});
  }

  int append(network::Operation operation, std::vector<int> inputs,
             graph::FloatParameters parameters) {
    network_.geometry.nodes.push_back({std::move(operation), std::move(inputs)});
    network_.parameters.push_back(std::move(parameters));
    return static_cast<int>(network_.geometry.nodes.size()) - 1;
  }

  network::FeatureMapShape shape(int tensor) const {
    if (tensor < 0) return network_.geometry.input;
    return network::output_shape(
        network_.geometry.nodes[static_cast<std::size_t>(tensor)].operation);
  }
  std::string name(const std::string& kind) const {
    return kind + std::to_string(network_.geometry.nodes.size());
  }
  graph::FloatNetwork& network() { return network_; }

 private:
  Random random_;
  graph::FloatNetwork network_;
};

// Every operation that the other tests need, on 3×10×10 images and 5 classes.
inline graph::FloatNetwork random_float_network(std::uint64_t seed) {
  FloatNetworkBuilder build({3, 10, 10}, seed);
  const int stem =
      build.convolution(network::network_input, 8, network::square_window(3, 1, 1), 1, 0);
  const int depthwise = build.convolution(stem, 8, network::square_window(3, 1, 1), 8, 0, 6);
  const int linear = build.convolution(depthwise, 8, network::square_window(1, 1, 0));
  const int sum = build.add(linear, stem, 0);
  const int pooled = build.pool<network::MaxPool>(sum, network::square_window(3, 2, 1));
  network::Window dilated = network::square_window(3, 1, 2);
  dilated.dilation_height = dilated.dilation_width = 2;
  const int left = build.convolution(pooled, 6, dilated, 2, 0);
  const int right = build.convolution(pooled, 4, network::square_window(1, 1, 0));
  const int both = build.concat(left, right);
  const int mean = build.pool<network::AveragePool>(both, network::square_window(5, 1, 0));
  build.fully_connected(build.flatten(mean), 5);
  build.network().geometry.normalization = {{0.4F, 0.5F, 0.6F}, {0.2F, 0.25F, 0.3F}};
  return std::move(build.network());
}

// Images that are smooth, as photographs are; labels drawn at random.
inline network::Dataset random_images(network::FeatureMapShape shape, int classes,
                                      std::size_t count, std::uint64_t seed) {
  Random random(seed);
  network::Dataset dataset;
  dataset.shape = shape;
  for (std::size_t image = 0; image < count; ++image) {
    int value = random.between(0, 255);
    for (std::size_t pixel = 0; pixel < shape.size(); ++pixel) {
      value = std::min(255, std::max(0, value + random.between(-40, 40)));
      dataset.pixels.push_back(static_cast<std::uint8_t>(value));
    }
    dataset.labels.push_back(
        static_cast<std::uint8_t>(random.below(static_cast<std::uint64_t>(classes))));
  }
  return dataset;
}

inline std::vector<std::size_t> first_images(std::size_t count) {
  std::vector<std::size_t> indices(count);
  for (std::size_t i = 0; i < count; ++i) indices[i] = i;
  return indices;
}

}  // namespace togglewise::quantize
