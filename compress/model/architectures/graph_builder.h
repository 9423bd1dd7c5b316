// Puts the nodes of a network together, shape by shape. Weights, biases and scales stay unset.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// What a node makes, or the network's input.
struct FeatureMap {
  int node = network::network_input;
  network::FeatureMapShape shape;
};

enum class Activation { none, relu };

struct Convolution {
  int channels = 0;  // of the output
  int kernel = 1;    // square
  int stride = 1;
  int padding = 0;  // on every side
  int groups = 1;
  Activation activation = Activation::relu;
};

class GraphBuilder {
 public:
  GraphBuilder(const std::string& name, network::FeatureMapShape input, int classes);

  FeatureMap input() const { return {network::network_input, network_.input}; }

  FeatureMap convolution(const std::string& name, const FeatureMap& from,
                         const Convolution& convolution);
  FeatureMap max_pool(const std::string& name, const FeatureMap& from, int kernel);  // and stride
  FeatureMap add(const std::string& name, const FeatureMap& a, const FeatureMap& b,
                 Activation activation);
  // Every `step`-th row and column.
  FeatureMap subsample(const std::string& name, const FeatureMap& from, int step);
  // Channels of zeros, half of them before and half behind.
  FeatureMap pad_channels(const std::string& name, const FeatureMap& from, int channels);
  FeatureMap global_average(const std::string& name, const FeatureMap& from);
  FeatureMap flatten(const std::string& name, const FeatureMap& from);
  FeatureMap fully_connected(const std::string& name, const FeatureMap& from, int channels,
                             Activation activation);

  // The mean of each channel, flattened, and one fully connected layer named `name` over it.
  FeatureMap classifier(const std::string& name, const FeatureMap& from);

  network::QuantizedNetwork finish() { return std::move(network_); }

 private:
  FeatureMap append(network::Operation operation, std::vector<int> inputs);

  network::QuantizedNetwork network_;
};

}  // namespace togglewise::compress
