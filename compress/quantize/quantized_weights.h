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

// Each weight's nearest value under the scales of weight_scales().
QuantizedWeights nearest_weights(const std::vector<torch::Tensor>& weights);

// value · scale as tensors in the shape of `like`: the weights that training computes with.
std::vector<torch::Tensor> dequantize(const QuantizedWeights& weights,
                                      const std::vector<torch::Tensor>& like);

}  // namespace togglewise::compress
