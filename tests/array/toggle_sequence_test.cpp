#include "sim/array/toggle_sequence.h"

#include <gtest/gtest.h>

#include "sim/array/toggle_engine.h"
#include "sim/array/toggle_reference.h"
#include "sim/array/weight_chain.h"
#include "tests/array/random_tile.h"

namespace togglewise::array {
namespace {

std::vector<TileStreams> streams_of(const std::vector<TileOperands>& tiles) {
  std::vector<TileStreams> streams;
  for (const TileOperands& tile : tiles) streams.push_back(to_streams(tile));
  return streams;
}

std::vector<TileOperands> random_tiles(const ArrayShape& shape, int count, int longest,
                                       Random& random) {
  std::vector<TileOperands> tiles;
  for (int i = 0; i < count; ++i) {
    tiles.push_back(random_tile(random.between(1, shape.rows), random.between(1, shape.columns),
                                random.between(1, longest), random));
  }
  return tiles;
}

TEST(ToggleSequence, EqualsTheReference_OnRandomTiles) {
  Random random(31);
  for (int trial = 0; trial < 60; ++trial) {
    const ArrayShape shape = shape_of(random.between(1, 10), random.between(1, 10));
    const auto tiles = random_tiles(shape, random.between(1, 4), 50, random);
    for (const bool double_buffered : {false, true}) {
      EXPECT_EQ(count_sequence_toggles(shape, double_buffered, streams_of(tiles)),
                reference_sequence_toggles(shape, double_buffered, tiles))
          << shape.rows << "x" << shape.columns << " double_buffered=" << double_buffered;
    }
  }
}

TEST(ToggleSequence, JoinsTiles_ExactlyFromThePeriodOn) {
  Random random(32);
  const ArrayShape shape = shape_of(4, 3);
  const int period = 2 * 4 + 3 - 1;
  for (const int length : {period - 1, period, period + 1}) {
    const std::vector<TileOperands> tiles = {random_tile(4, 3, length, random),
                                             random_tile(4, 3, 5, random)};
    const ToggleCounts sequence = count_sequence_toggles(shape, true, streams_of(tiles));
    EXPECT_EQ(sequence, reference_sequence_toggles(shape, true, tiles)) << length;
    const std::uint64_t apart = count_toggles(shape, to_streams(tiles[0])).partial_sum.active +
                                count_toggles(shape, to_streams(tiles[1])).partial_sum.active;
    EXPECT_EQ(sequence.partial_sum.active == apart, length < period) << length;
  }
}

TEST(ToggleSequence, CountsAToggleForTheArrivingTile_WhenPesBecomeIdle) {
  // A full tile of weight 1 streams ones; the tile behind it uses one PE and streams zeros.
  const ArrayShape shape = shape_of(2, 2);
  TileOperands full;
  full.used_rows = full.used_columns = 2;
  full.stream_length = 8;
  full.weights.assign(4, 1);
  full.activations.assign(16, 1);
  TileOperands corner;
  corner.used_rows = corner.used_columns = 1;
  corner.stream_length = 1;
  corner.weights.assign(1, 1);
  corner.activations.assign(1, 0);
  const ToggleCounts counts = count_sequence_toggles(shape, true, streams_of({full, corner}));
  // Activations rise in four active PEs and fall in PE (0,0), the idle row and the idle column.
  EXPECT_EQ(counts.activation.active, 5U);
  EXPECT_EQ(counts.activation.idle_rows, 1U);
  EXPECT_EQ(counts.activation.idle_columns, 2U);
  EXPECT_EQ(counts, reference_sequence_toggles(shape, true, {full, corner}));
}

TEST(ToggleSequence, PulsesEveryUpdateRegisterOncePerTile_WithDoubleBufferedWeightsOnly) {
  Random random(33);
  const ArrayShape shape = shape_of(5, 7);
  const auto tiles = random_tiles(shape, 3, 20, random);
  // 5·7 in the PEs, 1+2+3+4 beside the skew registers; up and down.
  EXPECT_EQ(count_sequence_toggles(shape, true, streams_of(tiles)).weight_update, 3U * 2U * 45U);
  EXPECT_EQ(count_sequence_toggles(shape, false, streams_of(tiles)).weight_update, 0U);
}

TEST(ToggleSequence, OfManyBatchesIsTheSumOfTheBatches) {
  Random random(34);
  const ArrayShape shape = shape_of(5, 4);
  const int batches = 3;
  std::vector<TileStreams> together;
  std::vector<std::vector<TileStreams>> apart(batches);
  for (int f = 0; f < 3; ++f) {
    std::vector<TileOperands> tile;
    const int rows = random.between(1, 5);
    const int columns = random.between(1, 4);
    const int length = random.between(10, 30);
    for (int b = 0; b < batches; ++b) {
      tile.push_back(random_tile(rows, columns, length, random));
      tile.back().weights = tile.front().weights;
      apart[static_cast<std::size_t>(b)].push_back(to_streams(tile.back()));
    }
    together.push_back(to_streams(tile));
  }
  ToggleCounts sum;
  for (const auto& batch : apart) sum += count_sequence_toggles(shape, true, batch);
  // Apart, every batch is loaded into an array of zeros; together only the first.
  WeightChain chain(shape);
  ToggleCounts loading;
  for (int b = 0; b < batches; ++b) {
    for (const TileStreams& tile : together) {
      loading += chain.load(tile.first_row, tile.used_rows, tile.used_columns, tile.weights);
    }
  }
  sum.weight = loading.weight;
  sum.shadow_weight = loading.shadow_weight;
  EXPECT_EQ(count_sequence_toggles(shape, true, together), sum);
}

TEST(ToggleSequence, OfNoTileCountsNothing) {
  EXPECT_EQ(count_sequence_toggles(shape_of(3, 3), true, {}), ToggleCounts{});
}

}  // namespace
}  // namespace togglewise::array
