#include "sim/network/tiling.h"

#include <map>
#include <tuple>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace togglewise::network {
namespace {

TEST(Tiling, AnyGemmAndArray_HoldsEveryWeightOnce) {
  EXPECT_TRUE(rc::check([] {
    const GemmShape gemm{*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 40), 5,
                         *rc::gen::inRange(1, 6)};
    const int rows = *rc::gen::inRange(1, 20);
    const int columns = *rc::gen::inRange(1, 20);
    const auto tiles = tiles_of(gemm, rows, columns);
    std::map<std::tuple<int, int, int>, int> held;
    for (const TileRange& tile : tiles) {
      RC_ASSERT(tile.rows() >= 1 && tile.rows() <= rows);
      RC_ASSERT(tile.columns() >= 1 && tile.columns() <= columns);
      for (int k = tile.row_begin; k < tile.row_end; ++k) {
        for (int n = tile.column_begin; n < tile.column_end; ++n) ++held[{tile.group, k, n}];
      }
    }
    RC_ASSERT(held.size() ==
              static_cast<std::size_t>(gemm.reduction * gemm.output_channels * gemm.groups));
    for (const auto& [place, times] : held) {
      RC_ASSERT(times == 1);
      RC_ASSERT(std::get<0>(place) < gemm.groups && std::get<1>(place) < gemm.reduction &&
                std::get<2>(place) < gemm.output_channels);
    }
    const auto folds = [](int size, int array) { return (size + array - 1) / array; };
    RC_ASSERT(tiles.size() == static_cast<std::size_t>(gemm.groups * folds(gemm.reduction, rows) *
                                                       folds(gemm.output_channels, columns)));
  }));
}

TEST(Tiling, OutputTile_IsFinishedBeforeTheNext) {
  const auto tiles = tiles_of({5, 3, 1, 2}, 2, 2);
  ASSERT_EQ(tiles.size(), 12U);
  const auto key = [](const TileRange& tile) {
    return std::tuple(tile.group, tile.column_begin, tile.row_begin);
  };
  for (std::size_t i = 1; i < tiles.size(); ++i) EXPECT_LT(key(tiles[i - 1]), key(tiles[i]));
}

TEST(Tiling, DepthwiseLayer_UsesOneColumnAndItsWindowsRows) {
  const auto tiles = tiles_of({9, 1, 100, 32}, 16, 16);
  ASSERT_EQ(tiles.size(), 32U);
  for (const TileRange& tile : tiles) {
    EXPECT_EQ(tile.rows(), 9);
    EXPECT_EQ(tile.columns(), 1);
  }
  EXPECT_EQ((GemmShape{9, 1, 100, 32}.macs()), 9U * 100U * 32U);
}

}  // namespace
}  // namespace togglewise::network
