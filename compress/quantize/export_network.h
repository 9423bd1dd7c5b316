// Trained parameters → the integer network that is measured and written.
#pragma once

#include <vector>

#include <torch/types.h>

#include "compress/quantize/quantized_weights.h"
#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// Fills the geometry's weights, scales and biases (rounded to units of input scale · weight scale).
// `activation_scales`: one for each GEMM layer's output, 0 for the last.
network::QuantizedNetwork export_network(const network::QuantizedNetwork& geometry,
                                         const QuantizedWeights& weights,
                                         const std::vector<torch::Tensor>& biases,
                                         const std::vector<float>& activation_scales);

}  // namespace togglewise::compress
