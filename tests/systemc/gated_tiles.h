// Random tiles that give gating something to do: idle rows and columns, weights and activations
// that are often zero, activations that often stay as they were.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/clock_counts.h"
#include "sim/array/tile.h"
#include "sim/base/random.h"

namespace togglewise::systemc::testing {

// One bit per option, as in sim/systemc/gated_builds.cmake.
inline array::Gating gating_of(int set) {
  array::Gating gating;
  gating.idle_columns = (set & 1) != 0;
  gating.idle_rows = (set & 2) != 0;
  gating.zero_weight = (set & 4) != 0;
  gating.zero_activation = (set & 8) != 0;
  gating.unchanged_partial_sum = (set & 16) != 0;
  gating.weight_registers = (set & 32) != 0;
  return gating;
}

inline std::int8_t random_operand(Random& random, int bits, int percent_zero) {
  if (random.below(100) < static_cast<std::uint64_t>(percent_zero)) return 0;
  const int limit = 1 << (bits - 1);
  if (random.below(20) == 0) return static_cast<std::int8_t>(-limit);
  return static_cast<std::int8_t>(random.between(-limit, limit - 1));
}

// At the array's top, bottom or between, narrow or whole, dense or sparse.
inline array::TileOperands random_gated_tile(Random& random, const array::ArrayShape& shape,
                                             int longest_stream, std::int32_t offset) {
  array::TileOperands tile;
  tile.used_rows = random.below(3) == 0 ? shape.rows : random.between(1, shape.rows);
  tile.used_columns = random.below(3) == 0 ? shape.columns : random.between(1, shape.columns);
  const int free_rows = shape.rows - tile.used_rows;
  tile.first_row = random.below(3) == 0 ? free_rows : random.between(0, free_rows);
  tile.stream_length = random.below(6) == 0 ? 1 : random.between(1, longest_stream);
  tile.partial_sum_offset = offset;
  const int percents[] = {0, 30, 60, 90, 100};
  const int zero_weights = percents[random.below(5)];
  const int zero_activations = percents[random.below(5)];
  const int repeated = percents[random.below(4)];
  for (int i = 0; i < tile.used_rows * tile.used_columns; ++i) {
    tile.weights.push_back(random_operand(random, shape.weight_bits, zero_weights));
  }
  for (int m = 0; m < tile.stream_length; ++m) {
    for (int r = 0; r < tile.used_rows; ++r) {
      const bool same = m > 0 && random.below(100) < static_cast<std::uint64_t>(repeated);
      tile.activations.push_back(
          same
              ? tile.activations[tile.activations.size() - static_cast<std::size_t>(tile.used_rows)]
              : random_operand(random, shape.activation_bits, zero_activations));
    }
  }
  for (int c = 0; c < tile.used_columns; ++c) {
    tile.negated.push_back(random.below(2) == 0 ? 1 : 0);
  }
  return tile;
}

inline std::vector<array::TileOperands> random_gated_tiles(Random& random,
                                                           const array::ArrayShape& shape,
                                                           int count, int longest_stream,
                                                           std::int32_t offset) {
  std::vector<array::TileOperands> tiles;
  for (int i = 0; i < count; ++i) {
    tiles.push_back(random_gated_tile(random, shape, longest_stream, offset));
  }
  return tiles;
}

}  // namespace togglewise::systemc::testing
