// What leaves the array: both RTL styles, the corner of the number range, and wider or narrower
// partial sums than the Verilated build has.
#include <memory>

#include <gtest/gtest.h>

#include "sim/systemc/lockstep.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using testing::random_ragged_tile;
using testing::shape_of;

array::TileOperands constant_tile(int rows, int columns, int length, int weight, int activation) {
  array::TileOperands tile;
  tile.used_rows = rows;
  tile.used_columns = columns;
  tile.stream_length = length;
  tile.weights.assign(static_cast<std::size_t>(rows * columns), static_cast<std::int8_t>(weight));
  tile.activations.assign(static_cast<std::size_t>(rows * length),
                          static_cast<std::int8_t>(activation));
  return tile;
}

TEST(ArrayOutputs, HoldTheLargestSum_WhenAllOperandsAreTheSmallest) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Lockstep lockstep(shape_of(64, 64), RtlStyle::loop);
  const TileRecord record = lockstep.run(constant_tile(64, 64, 3, -128, -128));
  EXPECT_EQ(record.partial_sums, std::vector<std::int32_t>(3 * 64, 1 << 20));
  const TileRecord negative = lockstep.run(constant_tile(64, 64, 3, -128, 127));
  EXPECT_EQ(negative.partial_sums, std::vector<std::int32_t>(3 * 64, -64 * 128 * 127));
  EXPECT_EQ(lockstep.finish().mismatches, 0u);
}

TEST(ArrayOutputs, AreSignExtended_WhenTheHardwareIsWiderThanTheBuild) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  array::ArrayShape shape = shape_of(64, 64);
  shape.partial_sum_bits = 32;
  Lockstep lockstep(shape, RtlStyle::loop);
  const TileRecord record = lockstep.run(constant_tile(1, 1, 1, -1, 1));
  EXPECT_EQ(record.partial_sums, std::vector<std::int32_t>{-1});
  const LockstepStatistics statistics = lockstep.finish();
  EXPECT_EQ(statistics.mismatches, 0u);
  // −1 comes and goes once in each of the 64 registers of column 0: 32 bits each way.
  EXPECT_EQ(statistics.toggles.partial_sum.active, 2u * 32);
  EXPECT_EQ(statistics.toggles.partial_sum.idle_rows, 2u * 32 * 63);
  EXPECT_EQ(statistics.toggles.deskew, 2u * 32 * 63);
}

TEST(ArrayOutputs, WrapAround_WhenTheHardwareIsNarrowerThanTheSums) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  array::ArrayShape shape = shape_of(16, 16);
  shape.partial_sum_bits = 16;
  Lockstep lockstep(shape, RtlStyle::loop);
  const TileRecord record = lockstep.run(constant_tile(3, 1, 1, -128, -128));
  EXPECT_EQ(record.partial_sums, std::vector<std::int32_t>{3 * 16384 - 65536});
  EXPECT_EQ(lockstep.finish().mismatches, 0u);
}

// Both styles cycle by cycle, without SystemC between them.
void expect_equal_styles(int rows, int columns, bool double_buffered) {
  const array::ArrayShape shape = shape_of(rows, columns);
  Random random(13);
  const auto structural = make_verilated_array(shape, RtlStyle::structural, double_buffered);
  const auto loop = make_verilated_array(shape, RtlStyle::loop, double_buffered);
  std::vector<std::int8_t> weights(static_cast<std::size_t>(columns));
  std::vector<std::int8_t> activations(static_cast<std::size_t>(rows));
  const std::uint32_t mask = 0xffffffffu >> (32 - shape.partial_sum_bits);
  std::uint64_t differences = 0;
  int outputs = 0;
  int tiles = 0;
  for (int cycle = 0; cycle < 5000; ++cycle) {
    // Asked for at any time, also while the array cannot take weights, and held for a while.
    const bool start = cycle % 97 < 40 && random.below(3) == 0;
    const auto length = static_cast<std::uint32_t>(1 + cycle % 60);
    const ControllerRequest a = structural->settle(start, length);
    const ControllerRequest b = loop->settle(start, length);
    ASSERT_EQ(a.busy, b.busy);
    ASSERT_EQ(a.done, b.done);
    ASSERT_EQ(a.weight_shift, b.weight_shift);
    ASSERT_EQ(a.weight_update, b.weight_update);
    ASSERT_EQ(a.weight_row, b.weight_row);
    ASSERT_EQ(a.activation_valid, b.activation_valid);
    ASSERT_EQ(a.activation_index, b.activation_index);
    tiles += a.done ? 1 : 0;
    // Never zero: the RTL itself keeps out what it did not ask for.
    for (std::int8_t& w : weights) w = static_cast<std::int8_t>(random.between(1, 255));
    for (std::int8_t& x : activations) x = static_cast<std::int8_t>(random.between(1, 255));
    structural->clock_edge(weights.data(), activations.data());
    loop->clock_edge(weights.data(), activations.data());

    const ArrayRegisters s = structural->registers();
    const ArrayRegisters l = loop->registers();
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) {
        differences += s.partial_sum.row(r)[c] != (l.partial_sum.row(r)[c] & mask);
        differences += s.activation.row(r)[c] != l.activation.row(r)[c];
        differences += s.weight.row(r)[c] != l.weight.row(r)[c];
        differences += s.shadow.row(r)[c] != l.shadow.row(r)[c];
        differences += s.update.row(r)[c] != l.update.row(r)[c];
      }
      for (int stage = 0; stage < r; ++stage) {
        differences += s.skew.row(stage)[r] != l.skew.row(stage)[r];
        differences += s.update_skew.row(stage)[r] != l.update_skew.row(stage)[r];
      }
    }
    for (int c = 0; c < columns; ++c)
      for (int stage = 0; stage < columns - 1 - c; ++stage)
        differences += s.deskew.row(stage)[c] != (l.deskew.row(stage)[c] & mask);
    const ArrayOutput from_structural = structural->output();
    const ArrayOutput from_loop = loop->output();
    ASSERT_EQ(from_structural.valid, from_loop.valid);
    ASSERT_EQ(from_structural.index, from_loop.index);
    outputs += from_structural.valid ? 1 : 0;
    for (int c = 0; c < columns; ++c)
      differences += from_structural.partial_sums[c] != from_loop.partial_sums[c];
    ASSERT_EQ(differences, 0u) << "in cycle " << cycle;
  }
  EXPECT_GT(tiles, 20);
  EXPECT_GT(outputs, 500);
}

TEST(ArrayOutputs, AreEqualInBothRtlStyles_At16x16) { expect_equal_styles(16, 16, false); }

TEST(ArrayOutputs, AreEqualInBothRtlStyles_WhenRowsAndColumnsDiffer) {
  expect_equal_styles(8, 12, false);
}

TEST(ArrayOutputs, AreEqualInBothRtlStyles_WithDoubleBufferedWeights_At16x16) {
  expect_equal_styles(16, 16, true);
}

TEST(ArrayOutputs, AreEqualInBothRtlStyles_WithDoubleBufferedWeights_WhenRowsAndColumnsDiffer) {
  expect_equal_styles(8, 12, true);
}

TEST(ArrayOutputs, HoldTheLargestSum_At256Rows) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Lockstep lockstep(shape_of(256, 3), RtlStyle::loop);
  const TileRecord record = lockstep.run(constant_tile(256, 3, 2, -128, -128));
  EXPECT_EQ(record.partial_sums, std::vector<std::int32_t>(2 * 3, 1 << 22));
  EXPECT_EQ(lockstep.finish().mismatches, 0u);
}

// −1 in 4 bits comes and goes once in each activation register of row 0 and in the weights, which
// the 8-bit build holds as eight ones.
TEST(ArrayOutputs, CountOnlyTheBitsOfNarrowRegisters) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Lockstep lockstep(shape_of(4, 6, 4, 5), RtlStyle::loop);
  lockstep.run(constant_tile(1, 1, 1, -1, -1));
  const LockstepStatistics statistics = lockstep.finish();
  EXPECT_EQ(statistics.mismatches, 0u);
  EXPECT_EQ(statistics.toggles.activation.active, 2u * 5);
  EXPECT_EQ(statistics.toggles.activation.idle_columns, 2u * 5 * 5);
  EXPECT_EQ(statistics.toggles.weight, 4u);
  EXPECT_EQ(statistics.toggles.weight_update, 0u);
}

}  // namespace
}  // namespace togglewise::systemc
