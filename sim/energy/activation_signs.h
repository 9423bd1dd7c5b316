// Which layers never see an activation below zero.
#pragma once

#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::energy {

// Per GEMM layer, in the order of gemm_layers(): whether its input is at least 0 for every image,
// because of the clamps before it. Pixels count as any value of input_table().
std::vector<bool> nonnegative_inputs(const network::QuantizedNetwork& network);

}  // namespace togglewise::energy
