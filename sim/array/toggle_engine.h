// Toggles of a tile without a cycle loop: partial sums are prefix sums over the rows, so a
// register's toggles are popcount(p[t] ^ p[t−1]) along its stream, and skew only delays them.
#pragma once

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"

namespace togglewise::array {

// Toggles of all images of `streams`, exact to the RTL; without weight and shadow registers
// (weight_chain.h). `shape` gives the array around the tile: idle rows pass the partial sums of the
// used columns on, idle columns pass the activations of the used rows on.
ToggleCounts count_toggles(const ArrayShape& shape, const TileStreams& streams);

}  // namespace togglewise::array
