// How a layer's weight matrix is cut into tiles of the array (SCALE-Sim: folds).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/layer_mapping.h"
#include "sim/network/shape.h"

namespace togglewise::network {

// Part of one group's K×N weight matrix held at once: array row r holds reduction index
// row_begin + r, array column c output channel column_begin + c.
struct TileRange {
  int group = 0;  // rows and columns below count within it
  int row_begin = 0;
  int row_end = 0;
  int column_begin = 0;
  int column_end = 0;

  int rows() const { return row_end - row_begin; }
  int columns() const { return column_end - column_begin; }
};

// groups·ceil(K/R)·ceil(N/C) tiles, the reduction innermost, so that an output tile's accumulators
// are finished before the next ones are started. A tile never holds more than one group: a
// depthwise layer uses one column and kernel height · kernel width rows of the array at a time.
std::vector<TileRange> tiles_of(const GemmShape& gemm, int array_rows, int array_columns);

// A tile as a mapping lays it on the array.
struct MappedTile {
  TileRange range;
  std::size_t index = 0;              // in tiles_of()
  int first_row = 0;                  // of the array: holds reduction[0]
  std::vector<int> reduction;         // per used row from the top: reduction index within the group
  std::vector<int> channels;          // per used column: output channel within the group
  std::vector<std::uint8_t> negated;  // per used column, or empty: nowhere
  std::int32_t partial_sum_offset = 0;
  bool starts_block = false;  // its sums are the first ones of their accumulators
  // Per used column: what its accumulators hold before the block's first tile, so that the offsets
  // of all its tiles cancel: −offset for every tile that adds, +offset for every one that
  // subtracts.
  std::vector<std::int32_t> accumulator_start;
};

// The tiles of a layer in the order in which they run. The mapping must fit: check_mapping().
std::vector<MappedTile> mapped_tiles(const GemmShape& gemm, const LayerMapping& mapping,
                                     int array_rows, int array_columns);

// One tile of the natural mapping: everything in order, used rows on top.
MappedTile natural_tile(const TileRange& range);

// Per weight of the layer ([output channel][row of its group], as GemmLayer has them): 1 where the
// array holds it negated; empty: nowhere.
std::vector<std::uint8_t> negated_weights(const GemmShape& gemm, const LayerMapping& mapping,
                                          int array_rows, int array_columns);

// Partial-sum offsets that an array of these widths can take: with every sum of `rows` products
// added they fit the partial sum. 0 where none but 0 does.
std::int32_t largest_partial_sum_offset(int rows, int weight_bits, int activation_bits,
                                        int partial_sum_bits);

}  // namespace togglewise::network
