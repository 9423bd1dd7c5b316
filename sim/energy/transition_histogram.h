// How often every cell of a grouping occurs in a layer, per weight value.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/transition_grouping.h"

namespace togglewise::energy {

constexpr std::size_t kWeightValues = 256;  // index = weight value + 128
inline std::size_t weight_index(int weight) { return static_cast<std::size_t>(weight) + 128U; }

// Integer counts, so that sums do not depend on their order.
struct TransitionHistogram {
  explicit TransitionHistogram(std::size_t cell_count)
      : cells(cell_count),
        active(kWeightValues * cell_count, 0),
        idle_columns(cell_count, 0),
        idle_rows(cell_count, 0),
        active_pes(kWeightValues, 0) {}

  std::size_t cells;
  std::vector<std::uint64_t> active;        // [weight][cell]: PEs that hold a weight of the layer
  std::vector<std::uint64_t> idle_columns;  // [cell], weight 0: PEs right of the used columns
  std::vector<std::uint64_t> idle_rows;     // [cell], weight 0: PEs below the used rows
  std::vector<std::uint64_t> active_pes;    // [weight]: PEs (weights of the layer), not transitions

  TransitionHistogram& operator+=(const TransitionHistogram& other);
};

// Adds every transition of a tile on an array of `shape`.
void add_transitions(const TransitionGrouping& grouping, const array::ArrayShape& shape,
                     const array::TileStreams& streams, TransitionHistogram& histogram);

}  // namespace togglewise::energy
