#include "sim/network/layer_mapping.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "sim/network/tiling.h"

namespace togglewise::network {
namespace {

PixelOrder order_of(PixelOrder::Kind kind, int block_height = 0, int block_width = 0) {
  PixelOrder order;
  order.kind = kind;
  order.block_height = block_height;
  order.block_width = block_width;
  return order;
}

TEST(PixelOrder, SerpentineTurnsBackAtEveryLinesEnd) {
  EXPECT_EQ(order_of(PixelOrder::Kind::serpentine).pixels(3, 3),
            (std::vector<std::uint32_t>{0, 1, 2, 5, 4, 3, 6, 7, 8}));
}

TEST(PixelOrder, TiledGoesThroughBlockAfterBlock) {
  EXPECT_EQ(order_of(PixelOrder::Kind::tiled, 2, 2).pixels(2, 4),
            (std::vector<std::uint32_t>{0, 1, 5, 4, 2, 3, 7, 6}));
}

TEST(PixelOrder, EveryKindVisitsEveryPixelOnce) {
  for (const auto& [height, width] : {std::pair{1, 1}, {5, 7}, {8, 8}, {3, 16}}) {
    for (const PixelOrder& order :
         {order_of(PixelOrder::Kind::raster), order_of(PixelOrder::Kind::serpentine),
          order_of(PixelOrder::Kind::tiled, 2, 4), order_of(PixelOrder::Kind::tiled, 3, 3)}) {
      std::vector<std::uint32_t> pixels = order.pixels(height, width);
      std::sort(pixels.begin(), pixels.end());
      std::vector<std::uint32_t> all(static_cast<std::size_t>(height * width));
      std::iota(all.begin(), all.end(), 0U);
      EXPECT_EQ(pixels, all) << to_string(order.kind) << " " << height << "x" << width;
    }
  }
}

TEST(MappedTiles, NaturalMapping_HasEverythingInOrder) {
  const GemmShape gemm{5, 3, 1, 2};
  const std::vector<MappedTile> tiles = mapped_tiles(gemm, {}, 2, 2);
  const std::vector<TileRange> ranges = tiles_of(gemm, 2, 2);
  ASSERT_EQ(tiles.size(), ranges.size());
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    EXPECT_EQ(tiles[t].index, t);
    EXPECT_EQ(tiles[t].first_row, 0);
    EXPECT_EQ(tiles[t].reduction.front(), ranges[t].row_begin);
    EXPECT_EQ(tiles[t].channels.back(), ranges[t].column_end - 1);
    EXPECT_EQ(tiles[t].starts_block, ranges[t].row_begin == 0);
    EXPECT_TRUE(tiles[t].negated.empty());
  }
}

TEST(MappedTiles, Alternating_RunsEveryOtherColumnBlockBackwards) {
  LayerMapping mapping;
  mapping.tile_order = TileOrder::alternating;
  const std::vector<MappedTile> tiles = mapped_tiles({5, 3, 1, 1}, mapping, 2, 1);
  std::vector<std::size_t> order;
  std::vector<bool> starts;
  for (const MappedTile& tile : tiles) {
    order.push_back(tile.index);
    starts.push_back(tile.starts_block);
  }
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 5, 4, 3, 6, 7, 8}));
  EXPECT_EQ(starts,
            (std::vector<bool>{true, false, false, true, false, false, true, false, false}));
}

TEST(MappedTiles, AccumulatorStart_CancelsTheOffsetsOfTheBlocksTiles) {
  LayerMapping mapping;
  mapping.partial_sum_offset = 100;
  mapping.tiles = {{{}, {0, 1}}, {{1, 0}, {1, 1}}, {{}, {0, 0}}};
  const std::vector<MappedTile> tiles = mapped_tiles({5, 2, 1, 1}, mapping, 2, 2);
  EXPECT_EQ(tiles[0].accumulator_start, (std::vector<std::int32_t>{-100, 100}));
  EXPECT_EQ(tiles[1].reduction, (std::vector<int>{3, 2}));
  EXPECT_EQ(tiles[2].partial_sum_offset, 100);
}

TEST(MappedTiles, UnusedRowsOnTop_MovesUsedRowsToTheBottom) {
  LayerMapping mapping;
  mapping.unused_rows_on_top = true;
  const std::vector<MappedTile> tiles = mapped_tiles({5, 1, 1, 1}, mapping, 4, 4);
  EXPECT_EQ(tiles[0].first_row, 0);
  EXPECT_EQ(tiles[1].first_row, 3);
}

TEST(NegatedWeights, AreTheNegatedColumnsOfEveryTile) {
  LayerMapping mapping;
  mapping.column_order = {1, 0};
  mapping.tiles = {{{}, {1, 0}}, {{}, {0, 0}}};
  EXPECT_EQ(negated_weights({3, 2, 1, 1}, mapping, 2, 2),
            (std::vector<std::uint8_t>{0, 0, 0, 1, 1, 0}));
  EXPECT_TRUE(negated_weights({3, 2, 1, 1}, {}, 2, 2).empty());
}

}  // namespace
}  // namespace togglewise::network
