// The activations of a layer as the rows of its GEMM.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

// im2col(IFMAP)[M][groups·K] of one image: M = output pixels in raster order, K = (input channel,
// kernel row, kernel column), the order of GemmLayer::weights; group g's part of a row begins at
// g·K. `ifmap` is channel-major, layer.input.size() long.
std::vector<std::int8_t> im2col(const GemmLayer& layer, const std::int8_t* ifmap);

}  // namespace togglewise::network
