// Architectures with scales, as quantization would have given them: a network to compute with.
#pragma once

#include <string>
#include <vector>

#include "compress/model/architecture.h"
#include "sim/network/quantized_network.h"

namespace togglewise::compress::test {

// Every feature map behind the input has the scale 1/16; the logits are not requantized.
inline network::QuantizedNetwork scaled_architecture(const std::string& name,
                                                     network::FeatureMapShape input,
                                                     int classes = 10) {
  constexpr float scale = 1.0F / 16;
  network::QuantizedNetwork network = make_architecture(name, input, classes);
  network.input_scale = network::pixel_scale;
  std::vector<float> scales;
  for (network::Node& node : network.nodes) {
    const float from =
        node.inputs[0] < 0 ? network.input_scale : scales[static_cast<std::size_t>(node.inputs[0])];
    if (auto* layer = std::get_if<network::GemmLayer>(&node.operation)) {
      layer->input_scale = from;
      layer->output_scale = scale;
    } else if (auto* pool = std::get_if<network::AveragePool>(&node.operation)) {
      pool->input_scale = from;
      pool->output_scale = scale;
    } else if (auto* sum = std::get_if<network::Add>(&node.operation)) {
      sum->input_scales[0] = sum->input_scales[1] = scale;
      sum->output_scale = scale;
    }
    scales.push_back(network::output_scale(node.operation, from));
  }
  network.gemm_layers().back()->output_scale = 0;
  return network;
}

}  // namespace togglewise::compress::test
