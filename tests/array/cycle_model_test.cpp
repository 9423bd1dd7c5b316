#include "sim/array/cycle_model.h"

#include <gtest/gtest.h>

#include "tests/array/random_tile.h"

namespace togglewise::array {
namespace {

TEST(LayerCycles, EqualTheClosedForm_PerTile) {
  // conv2 of LeNet-5 on 64×64: K = 150 makes three tiles of 2·64 + 64 + 100 − 2 cycles.
  const LayerCycles cycles = layer_cycles(shape_of(64, 64), {150, 16, 100});
  EXPECT_EQ(cycles.tiles, 3U);
  EXPECT_EQ(cycles.cycles, 3U * (2 * 64 + 64 + 100 - 2));
  EXPECT_EQ(cycles.macs, 150U * 16U * 100U);
  EXPECT_DOUBLE_EQ(cycles.utilization, 240000.0 / (870.0 * 4096.0));
}

TEST(LayerCycles, PartsAddUpToTheTotal_OnAnyShape) {
  for (const int rows : {1, 3, 16, 64}) {
    for (const int columns : {1, 5, 64}) {
      for (const network::GemmShape gemm : {network::GemmShape{1, 1, 1}, {65, 63, 7}, {16, 5, 1}}) {
        const LayerCycles c = layer_cycles(shape_of(rows, columns), gemm);
        EXPECT_EQ(c.weight_load + c.stream + c.fill_drain, c.cycles);
        EXPECT_LE(c.utilization, 1.0);
      }
    }
  }
}

}  // namespace
}  // namespace togglewise::array
