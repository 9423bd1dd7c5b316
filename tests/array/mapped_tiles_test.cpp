// Tiles anywhere in the array, with a constant that enters at the top: what the engines count is
// what the registers do.
#include <vector>

#include <gtest/gtest.h>

#include "sim/array/toggle_engine.h"
#include "sim/array/toggle_reference.h"
#include "sim/array/toggle_sequence.h"
#include "sim/array/weight_chain.h"
#include "sim/network/tiling.h"
#include "tests/array/random_tile.h"

namespace togglewise::array {
namespace {

std::vector<TileOperands> random_tiles(const ArrayShape& shape, int count, std::int32_t offset,
                                       Random& random) {
  std::vector<TileOperands> tiles;
  for (int f = 0; f < count; ++f) {
    tiles.push_back(random_tile(random.between(1, shape.rows), random.between(1, shape.columns),
                                random.between(1, 3 * (shape.rows + shape.columns)), random));
    place_anywhere(shape, offset, random, tiles.back());
  }
  return tiles;
}

TEST(MappedTiles, ToggleAsTheRegistersDo_WhereverTheyLieAndWhateverEntersAtTheTop) {
  Random random(91);
  for (const auto& [rows, columns] : {std::pair{1, 1}, {3, 7}, {8, 12}, {16, 5}}) {
    const ArrayShape shape = shape_of(rows, columns);
    const std::int32_t most =
        network::largest_partial_sum_offset(rows, 8, 8, shape.partial_sum_bits);
    for (const std::int32_t offset : {0, most, -most / 3, most / 7}) {
      for (const bool double_buffered : {false, true}) {
        const std::vector<TileOperands> tiles = random_tiles(shape, 5, offset, random);
        std::vector<TileStreams> streams;
        for (const TileOperands& tile : tiles) streams.push_back(to_streams(tile));
        EXPECT_EQ(count_sequence_toggles(shape, double_buffered, streams),
                  reference_sequence_toggles(shape, double_buffered, tiles))
            << rows << "x" << columns << ", offset " << offset << ", " << double_buffered;
      }
    }
  }
}

TEST(MappedTiles, AtTheBottom_LeaveTheRowsAboveStill) {
  Random random(92);
  const ArrayShape shape = shape_of(12, 4);
  TileOperands tile = random_tile(5, 3, 60, random);
  const ToggleCounts on_top = reference_toggles(shape, tile);
  tile.first_row = 7;
  const ToggleCounts at_bottom = reference_toggles(shape, tile);
  EXPECT_GT(on_top.partial_sum.idle_rows, 0U);
  EXPECT_EQ(at_bottom.partial_sum.idle_rows, 0U);
  EXPECT_EQ(at_bottom.partial_sum.active, on_top.partial_sum.active);
  EXPECT_EQ(count_toggles(shape, to_streams(tile)), at_bottom);
}

TEST(MappedTiles, MapOfPesHasTheTileWhereItLies) {
  Random random(93);
  const ArrayShape shape = shape_of(9, 6);
  TileOperands tile = random_tile(4, 5, 50, random);
  place_anywhere(shape, 0x1555, random, tile);
  const TileStreams streams = to_streams(tile);
  const PeToggleMap map = count_pe_toggles(shape, streams);
  const ToggleCounts counts = count_toggles(shape, streams);
  PeToggles partial_sum;
  for (int r = 0; r < shape.rows; ++r) {
    const bool used = r >= tile.first_row && r < tile.first_row + tile.used_rows;
    for (int c = 0; c < shape.columns; ++c) {
      const auto toggles = map.partial_sum[static_cast<std::size_t>(r * shape.columns + c)];
      (used && c < tile.used_columns ? partial_sum.active : partial_sum.idle_rows) += toggles;
    }
  }
  EXPECT_EQ(partial_sum, counts.partial_sum);
}

TEST(MappedTiles, LargestOffset_IsTheLastThatEverySumLeavesInRange) {
  EXPECT_EQ(network::largest_partial_sum_offset(64, 8, 8, 22), (1 << 21) - 1 - (1 << 20));
  EXPECT_EQ(network::largest_partial_sum_offset(64, 8, 8, 21), 0);
  EXPECT_EQ(network::largest_partial_sum_offset(3, 8, 8, 18), (1 << 17) - 1 - 3 * (1 << 14));
}

}  // namespace
}  // namespace togglewise::array
