#include "sim/network/tiling.h"

#include <algorithm>

namespace togglewise::network {

std::vector<TileRange> tiles_of(const GemmShape& gemm, int array_rows, int array_columns) {
  std::vector<TileRange> tiles;
  for (int group = 0; group < gemm.groups; ++group) {
    for (int column = 0; column < gemm.output_channels; column += array_columns) {
      for (int row = 0; row < gemm.reduction; row += array_rows) {
        tiles.push_back({group, row, std::min(row + array_rows, gemm.reduction), column,
                         std::min(column + array_columns, gemm.output_channels)});
      }
    }
  }
  return tiles;
}

}  // namespace togglewise::network
