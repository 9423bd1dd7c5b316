// Samples of a tile's transitions for the parts of a grouping that know of partial sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/layer_statistics.h"
#include "sim/energy/table_lookup.h"

namespace togglewise::energy {

// Transitions of a tile's columns that are looked up in every row, for all weight values.
constexpr std::size_t kSamplesPerTile = 1024;

// Adds to `sampled` and what goes with it; `rows` are the statistics' rows of the tile's rows. The
// transitions are the same for every row: partial sums are needed at these times only. Which they
// are depends on `seed`.
void add_row_samples(const TableLookup& lookup, const std::vector<std::size_t>& rows,
                     const array::TileStreams& streams, std::uint64_t seed,
                     LayerStatistics& statistics);

}  // namespace togglewise::energy
