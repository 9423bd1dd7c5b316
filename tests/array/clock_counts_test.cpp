// Clocked cycles in closed form against the reference, cycle by cycle.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "sim/array/clock_counter.h"
#include "sim/array/clock_reference.h"
#include "tests/array/random_tile.h"

namespace togglewise::array {
namespace {

// Option i is bit i.
Gating gating_of(unsigned options) {
  Gating gating;
  gating.idle_columns = (options & 1U) != 0;
  gating.idle_rows = (options & 2U) != 0;
  gating.zero_weight = (options & 4U) != 0;
  gating.zero_activation = (options & 8U) != 0;
  gating.unchanged_partial_sum = (options & 16U) != 0;
  gating.weight_registers = (options & 32U) != 0;
  return gating;
}
constexpr unsigned kAllSets = 64;

void expect_equal(const ClockCounts& counts, const ClockCounts& expected, unsigned options) {
  for (const ClockCountField& field : clock_count_fields) {
    EXPECT_EQ(counts.*field.member, expected.*field.member) << field.name << ", set " << options;
  }
  for (const GateCyclesField& field : gate_cycles_fields) {
    const GateCycles& gate = counts.*field.member;
    const GateCycles& of_reference = expected.*field.member;
    EXPECT_EQ(gate.arriving, of_reference.arriving) << field.name << ", set " << options;
    EXPECT_EQ(gate.passed, of_reference.passed) << field.name << ", set " << options;
  }
}

// Zero weights, zero activations and activations that stay are all common.
TileOperands random_gated_tile(const ArrayShape& shape, Random& random) {
  TileOperands tile = random_tile(random.between(1, shape.rows), random.between(1, shape.columns),
                                  random.between(1, 9), random);
  place_anywhere(shape, 1000, random, tile);
  for (std::int8_t& weight : tile.weights) {
    if (random.below(2) == 0) weight = 0;
  }
  const auto rows = static_cast<std::size_t>(tile.used_rows);
  for (std::size_t i = rows; i < tile.activations.size(); ++i) {
    if (random.below(3) == 0) tile.activations[i] = tile.activations[i - rows];
  }
  return tile;
}

TEST(ClockCounts, ClosedFormEqualsTheReference_ForEverySetOfOptions) {
  Random random(41);
  for (unsigned trial = 0; trial < 20 * kAllSets; ++trial) {
    const unsigned options = trial % kAllSets;
    const int rows = random.between(1, 6);
    const ArrayShape shape = shape_of(rows, random.between(rows == 1 ? 2 : 1, 6));
    std::vector<TileOperands> tiles;
    for (int i = random.between(1, 4); i > 0; --i)
      tiles.push_back(random_gated_tile(shape, random));
    expect_equal(clock_counts(shape, gating_of(options), tiles),
                 reference_clock_counts(shape, gating_of(options), tiles), options);
  }
}

TEST(ClockCounts, ClosedFormEqualsTheReference_WhenStreamsAreLongerThanAWord) {
  Random random(42);
  const ArrayShape shape = shape_of(5, 4);
  std::vector<TileOperands> tiles;
  for (const int length : {61, 62, 63, 64, 65, 130}) {
    TileOperands tile = random_tile(3, 4, length, random);
    tile.first_row = 2;
    tile.weights[5] = 0;
    tiles.push_back(tile);
  }
  for (const unsigned options : {0U, 8U, 16U, 24U, 63U}) {
    expect_equal(clock_counts(shape, gating_of(options), tiles),
                 reference_clock_counts(shape, gating_of(options), tiles), options);
  }
}

TEST(ClockCounts, BatchesTogether_CountWhatEachWouldByItself) {
  Random random(43);
  const ArrayShape shape = shape_of(4, 5);
  constexpr int kBatches = 3;
  // Two tiles, each with three batches that share its weights.
  std::vector<std::vector<TileOperands>> tiles;
  for (int i = 0; i < 2; ++i) {
    const TileOperands first = random_gated_tile(shape, random);
    tiles.emplace_back(kBatches, first);
    for (TileOperands& batch : tiles.back()) {
      for (std::int8_t& a : batch.activations) {
        a = static_cast<std::int8_t>(random.below(2) == 0 ? 0 : random.between(-3, 3));
      }
    }
  }
  for (unsigned options = 0; options < kAllSets; ++options) {
    const Gating gating = gating_of(options);
    ClockCounts together;
    ClockCounter counter(shape, gating);
    for (const auto& batches : tiles) {
      counter.add(tile_activity(shape, to_streams(batches)), together);
    }
    counter.finish(together);
    ClockCounts expected;
    for (std::size_t b = 0; b < kBatches; ++b) {
      expected += reference_clock_counts(shape, gating, {tiles[0][b], tiles[1][b]});
    }
    expect_equal(together, expected, options);
  }
}

// 2×2 array, one PE used, activations 0 5 5 0 through weight 3: 7 + 2 cycles and one behind them.
TEST(ClockCounts, OfATinyTile_AreWhatTheyAreByHand) {
  TileOperands tile;
  tile.used_rows = tile.used_columns = 1;
  tile.stream_length = 4;
  tile.weights = {3};
  tile.activations = {0, 5, 5, 0};
  const ArrayShape shape = shape_of(2, 2);
  const ClockCounts none = clock_counts(shape, {}, {tile});
  EXPECT_EQ(none.cycles, 2U * 2 + 2 + 4 - 2 + 1);
  EXPECT_EQ(none.activation, 4 * none.cycles);
  EXPECT_EQ(none.partial_sum, 4 * none.cycles);
  EXPECT_EQ(none.activation_toggles, 2U * 4);  // 0 → 5 → 0 in both columns
  EXPECT_TRUE(none.activation_gates == GateCycles{});

  Gating gating;
  gating.idle_columns = true;
  gating.unchanged_partial_sum = true;
  const ClockCounts gated = clock_counts(shape, gating, {tile});
  EXPECT_EQ(gated.activation, 2U);       // 0 → 5 and 5 → 0
  EXPECT_EQ(gated.partial_sum, 2U * 2);  // the same, and in the row below
  EXPECT_EQ(gated.deskew_data, 2U);      // column 0 has one register
  EXPECT_EQ(gated.column_gates.passed, none.cycles);
  EXPECT_EQ(gated.column_gates.arriving, 2 * none.cycles);
  EXPECT_EQ(gated.port_toggles, 4U);
  // move, and changed in both rows: up, down, up, down.
  EXPECT_EQ(gated.flag_toggles, 3U * 4);
}

}  // namespace
}  // namespace togglewise::array
