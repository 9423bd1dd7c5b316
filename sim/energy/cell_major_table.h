// One part's table with all weight values of a cell side by side: for sums over all weights at a
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/energy/energy_tables.h"

namespace togglewise::energy {

// Weight values that are neighbours in `by_block`.
constexpr std::size_t kBlockWeights = 16;

struct CellMajorTable {
  // `units` is [weight][cell], below 2^30 in size.
  CellMajorTable(const std::int32_t* units, std::size_t cells);

  // Units = high · 2^15 + low, in [pair of cells][weight][2 cells], as products of 16-bit numbers
  // take them.
  std::vector<std::int16_t> high, low;
  std::vector<std::int32_t> by_block;  // [block of weights][cell][kBlockWeights]
  std::size_t cells = 0;
};

}  // namespace togglewise::energy
