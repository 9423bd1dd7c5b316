// Random operands of one tile, for properties of the array's models.
#pragma once

#include "sim/array/tile.h"
#include "sim/base/random.h"

namespace togglewise::array {

inline TileOperands random_tile(int used_rows, int used_columns, int stream_length,
                                Random& random) {
  TileOperands tile;
  tile.used_rows = used_rows;
  tile.used_columns = used_columns;
  tile.stream_length = stream_length;
  for (int i = 0; i < used_rows * used_columns; ++i) {
    tile.weights.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
  }
  for (int i = 0; i < stream_length * used_rows; ++i) {
    // Zeros are as common as after a ReLU.
    const bool zero = random.below(3) == 0;
    tile.activations.push_back(zero ? std::int8_t{0}
                                    : static_cast<std::int8_t>(random.between(-128, 127)));
  }
  return tile;
}

// The tile in any rows of the array, with `partial_sum_offset` entering at the top.
inline void place_anywhere(const ArrayShape& shape, std::int32_t partial_sum_offset, Random& random,
                           TileOperands& tile) {
  tile.first_row = random.between(0, shape.rows - tile.used_rows);
  tile.partial_sum_offset = partial_sum_offset;
}

inline ArrayShape shape_of(int rows, int columns) {
  return {rows, columns, 8, 8, required_partial_sum_bits(rows, 8, 8)};
}

}  // namespace togglewise::array
