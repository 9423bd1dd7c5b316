#include "compress/quantize/export_network.h"

#include <algorithm>
#include <cmath>

namespace togglewise::compress {

namespace {

// Half of the 32-bit range: the sum of products needs room beside the bias.
constexpr double largest_bias = 1 << 30;

}  // namespace

network::QuantizedNetwork export_network(const network::QuantizedNetwork& geometry,
                                         const QuantizedWeights& weights,
                                         const std::vector<torch::Tensor>& biases,
                                         const std::vector<float>& activation_scales) {
  network::QuantizedNetwork network = geometry;
  network.input_scale = network::pixel_scale;
  float input_scale = network.input_scale;
  const std::vector<network::GemmLayer*> layers = network.gemm_layers();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    network::GemmLayer& layer = *layers[l];
    layer.weights = weights.values[l];
    layer.weight_scale = weights.scale[l];
    layer.input_scale = input_scale;
    layer.output_scale = activation_scales[l];
    layer.bias.clear();
    for (std::size_t c = 0; c < layer.weight_scale.size(); ++c) {
      const double unit = static_cast<double>(layer.input_scale) * layer.weight_scale[c];
      const double bias = std::round(biases[l].data_ptr<float>()[c] / unit);
      layer.bias.push_back(
          static_cast<std::int32_t>(std::clamp(bias, -largest_bias, largest_bias)));
    }
    input_scale = layer.output_scale;
  }
  return network;
}

}  // namespace togglewise::compress
