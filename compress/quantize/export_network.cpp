#include "compress/quantize/export_network.h"

#include <algorithm>
#include <cmath>

namespace togglewise::compress {

namespace {

// Half of the 32-bit range: the sum of products needs room beside the bias.
constexpr double largest_bias = 1 << 30;

}  // namespace

network::QuantizedNetwork export_network(const network::QuantizedNetwork& scaled,
                                         const QuantizedWeights& weights,
                                         const Parameters& parameters,
                                         const BatchStatistics& statistics) {
  network::QuantizedNetwork network = scaled;
  const std::vector<network::GemmLayer*> layers = network.gemm_layers();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    network::GemmLayer& layer = *layers[l];
    layer.weights = weights.values[l];
    layer.permitted_values.clear();
    layer.weight_scale.clear();
    layer.bias.clear();
    for (std::size_t c = 0; c < weights.scale[l].size(); ++c) {
      const ChannelAffine affine = channel_affine(parameters, statistics, l, c);
      layer.weight_scale.push_back(static_cast<float>(affine.scale * weights.scale[l][c]));
      const double unit = static_cast<double>(layer.input_scale) * layer.weight_scale[c];
      const double bias = std::round(affine.shift / unit);
      layer.bias.push_back(
          static_cast<std::int32_t>(std::clamp(bias, -largest_bias, largest_bias)));
    }
  }
  return network;
}

}  // namespace togglewise::compress
