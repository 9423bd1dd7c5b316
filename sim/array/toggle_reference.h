// The definition of a tile's toggles, readable rather than fast: every register of the array, cycle
// by cycle. The toggle engine must equal it, and both the RTL.
#pragma once

#include "sim/array/tile.h"

namespace togglewise::array {

// Toggles of one tile from an all-zero data path back to an all-zero data path, without the weight
// and shadow registers (weight_chain.h). Simulates the array of rtl/README.md register by register.
ToggleCounts reference_toggles(const ArrayShape& shape, const TileOperands& operands);

}  // namespace togglewise::array
