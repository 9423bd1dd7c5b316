// The definition of what gated clocks do, readable rather than fast: every register, flag and clock
// gate of the array, cycle by cycle. The closed form must equal it, and the RTL with its real
// gates.
#pragma once

#include <vector>

#include "sim/array/clock_counts.h"
#include "sim/array/tile.h"

namespace togglewise::array {

// All tiles have the same partial_sum_offset. Also checks itself: partial sums must be in every
// cycle what they are in an array without gating, or it throws std::logic_error.
ClockCounts reference_clock_counts(const ArrayShape& shape, const Gating& gating,
                                   const std::vector<TileOperands>& tiles);

}  // namespace togglewise::array
