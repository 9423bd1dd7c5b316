// The integers of one layer: weights, their scales, and the bias.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/graph/float_network.h"
#include "sim/quantize/scale_search.h"

namespace togglewise::quantize {

struct WeightRules {
  int bits = 8;  // weights are −(2^(bits−1)−1) … 2^(bits−1)−1: their sign can be flipped
  bool per_channel = true;  // a scale for every output channel, else one for all
  ScaleRule scale_rule = ScaleRule::mean_squared_error;
};

// Sets layer.weights, weight_scale and bias from the real ones; layer.input_scale is set.
//   weight = quantized(w, weight_scale[c])          bias = round(b / (input_scale·weight_scale[c]))
// with b = bias + shift[c], ties to even, quotients in double. Scales are no smaller than keeps
// every |bias| below 2^29 and every requantization factor for outputs of `output_scale` (0: none)
// at 2^-31 or more.
void quantize_layer(const graph::FloatParameters& parameters, const std::vector<double>& shift,
                    const WeightRules& rules, float output_scale, network::GemmLayer& layer);

// Mean over the output pixels of what the layer's sums lose by its rounded weights, per output
// channel, when the input's mean feature map is `mean_input`: what added to the bias makes the mean
// output right again.
std::vector<double> mean_weight_error(const network::GemmLayer& layer,
                                      const std::vector<float>& weights,
                                      const std::vector<double>& mean_input);

}  // namespace togglewise::quantize
