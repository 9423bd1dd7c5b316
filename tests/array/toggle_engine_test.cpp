#include "sim/array/toggle_engine.h"

#include <gtest/gtest.h>

#include "sim/array/toggle_reference.h"
#include "tests/array/random_tile.h"

namespace togglewise::array {
namespace {

TEST(ToggleEngine, EqualsTheReference_OnRandomRaggedTiles) {
  Random random(1);
  for (int trial = 0; trial < 60; ++trial) {
    const ArrayShape shape = shape_of(random.between(1, 24), random.between(1, 24));
    const TileOperands tile =
        random_tile(random.between(1, shape.rows), random.between(1, shape.columns),
                    random.between(1, 90), random);
    EXPECT_EQ(count_toggles(shape, to_streams(tile)), reference_toggles(shape, tile))
        << shape.rows << "x" << shape.columns << " K=" << tile.used_rows
        << " N=" << tile.used_columns << " M=" << tile.stream_length;
  }
}

TEST(ToggleEngine, EqualsTheReference_AtEveryStreamLengthAroundAVector) {
  Random random(2);
  const ArrayShape shape = shape_of(5, 4);
  for (const int length : {1, 2, 7, 8, 14, 15, 16, 17, 62, 63, 64, 65, 127, 128, 129}) {
    const TileOperands tile = random_tile(4, 3, length, random);
    EXPECT_EQ(count_toggles(shape, to_streams(tile)), reference_toggles(shape, tile)) << length;
  }
}

TEST(ToggleEngine, CountsTheWholeWidth_WhenSumsAreExtreme) {
  // 64·(−128)·(−128) = 2^20 is the largest sum; the next vector makes the most negative one.
  const ArrayShape shape = shape_of(64, 1);
  ASSERT_EQ(shape.partial_sum_bits, 22);
  TileOperands tile;
  tile.used_rows = 64;
  tile.used_columns = 1;
  tile.stream_length = 2;
  tile.weights.assign(64, -128);
  tile.activations.assign(64, -128);
  tile.activations.insert(tile.activations.end(), 64, 127);
  const ToggleCounts counts = count_toggles(shape, to_streams(tile));
  EXPECT_EQ(counts, reference_toggles(shape, tile));
  EXPECT_GT(counts.partial_sum.active, 0U);
}

TEST(ToggleEngine, CountsNothing_WhenActivationsAreZero) {
  Random random(3);
  const ArrayShape shape = shape_of(8, 8);
  TileOperands tile = random_tile(8, 8, 20, random);
  tile.activations.assign(tile.activations.size(), 0);
  EXPECT_EQ(count_toggles(shape, to_streams(tile)), ToggleCounts{});
}

TEST(RequiredPartialSumBits, Is22_At64RowsOf8x8) {
  EXPECT_EQ(required_partial_sum_bits(64, 8, 8), 22);
  EXPECT_EQ(required_partial_sum_bits(65, 8, 8), 23);
  EXPECT_EQ(required_partial_sum_bits(16, 8, 8), 20);
  EXPECT_EQ(required_partial_sum_bits(1, 4, 4), 8);
}

}  // namespace
}  // namespace togglewise::array
