// Toggles of a tile without a cycle loop: partial sums are prefix sums over the rows, so a
// register's toggles are popcount(p[t] ^ p[t−1]) along its stream, and skew only delays them.
// Exact to the RTL. One thread; tiles are independent of one another.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"

namespace togglewise::array {

// Toggles of all images of `streams`; without weight and shadow registers (weight_chain.h). `shape`
// gives the array around the tile: idle rows pass the partial sums of the used columns on, idle
// columns pass the activations of the used rows on.
ToggleCounts count_toggles(const ArrayShape& shape, const TileStreams& streams);

// Toggles of every bit of the registers of the PEs that hold a weight, bit 0 the lowest. Bits above
// a register's width are zero.
struct BitToggles {
  std::array<std::uint64_t, 32> partial_sum{};
  std::array<std::uint64_t, 8> activation{};

  BitToggles& operator+=(const BitToggles& other);
  friend bool operator==(const BitToggles& a, const BitToggles& b) {
    return a.partial_sum == b.partial_sum && a.activation == b.activation;
  }
};
BitToggles count_bit_toggles(const ArrayShape& shape, const TileStreams& streams);

// Toggles of every PE's registers, idle PEs included.
struct PeToggleMap {
  int rows = 0;
  int columns = 0;
  std::vector<std::uint64_t> partial_sum;  // [rows][columns]
  std::vector<std::uint64_t> activation;   // [rows][columns]

  explicit PeToggleMap(const ArrayShape& shape);
  PeToggleMap& operator+=(const PeToggleMap& other);  // of an array of the same shape
  friend bool operator==(const PeToggleMap& a, const PeToggleMap& b) {
    return a.rows == b.rows && a.columns == b.columns && a.partial_sum == b.partial_sum &&
           a.activation == b.activation;
  }
};
PeToggleMap count_pe_toggles(const ArrayShape& shape, const TileStreams& streams);

}  // namespace togglewise::array
