// How a layer's weight matrix is cut into tiles of the array (SCALE-Sim: folds).
#pragma once

#include <vector>

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

}  // namespace togglewise::network
