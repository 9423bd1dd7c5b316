// The operations between the layers, in float, on a batch of feature maps: the real-valued meaning
// of network::Operation, written as its definition.
#pragma once

#include <vector>

#include "sim/graph/float_network.h"

namespace togglewise::quantize {

// One operand: [image][channel][row][column].
using FloatMaps = std::vector<float>;

// Result of `operation`, any but a GemmLayer, on its inputs in order; not yet clamped.
FloatMaps apply(const network::Operation& operation, const std::vector<const FloatMaps*>& inputs,
                int images);

// Clamps every value to [low, high].
void clamp(FloatMaps& values, float low, float high);

}  // namespace togglewise::quantize
