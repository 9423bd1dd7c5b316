// The definition of a tile's toggles, readable rather than fast: every register of the array, cycle
// by cycle. The toggle engine must equal it, and both the RTL.
#pragma once

#include <vector>

#include "sim/array/tile.h"

namespace togglewise::array {

// Toggles of tiles that follow one another as closely as the array of rtl/README.md takes them,
// from all registers zero until the data path is zero again. A PE's toggle counts for the tile
// whose first vector reached it last, the one that arrives at this clock edge included.
ToggleCounts reference_sequence_toggles(const ArrayShape& shape, bool double_buffered,
                                        const std::vector<TileOperands>& tiles);

// Toggles of one tile from an all-zero data path back to an all-zero data path, without the weight
// and shadow registers (weight_chain.h).
ToggleCounts reference_toggles(const ArrayShape& shape, const TileOperands& operands);

}  // namespace togglewise::array
