// Weights on the int8 grid of their output channel.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace togglewise::compress {

struct QuantizedWeights {
  std::vector<std::vector<std::int8_t>> values;  // [layer][weight], −127..127
  std::vector<std::vector<float>> scale;         // [layer][channel]
};

// Scales of weight_scales() for every layer, and zeros as values.
QuantizedWeights zero_weights(const std::vector<torch::Tensor>& weights);

// The nearest value of each weight under the scales that `quantized` has; ties go up, as in the
// network's requantization.
void round_to_nearest(const std::vector<torch::Tensor>& weights, QuantizedWeights& quantized);

// The values as whole numbers in the shape of `like`: what training computes with.
std::vector<torch::Tensor> value_tensors(const QuantizedWeights& weights,
                                         const std::vector<torch::Tensor>& like);

}  // namespace togglewise::compress
