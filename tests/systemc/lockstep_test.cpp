// The Verilated RTL and the SystemC model agree in every register of every cycle.
#include "sim/systemc/lockstep.h"

#include <iostream>

#include <gtest/gtest.h>

#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using testing::matrix_product;
using testing::random_ragged_tile;
using testing::random_tile;
using testing::shape_of;

// Random tiles until `comparisons` partial sums have been compared; every tile is checked.
LockstepStatistics run_random_tiles(const array::ArrayShape& shape, RtlStyle style,
                                    std::uint64_t comparisons, std::uint64_t seed) {
  Random random(seed);
  Lockstep lockstep(shape, style);
  std::uint64_t cycles = 0;
  const auto registers = static_cast<std::uint64_t>(shape.rows * shape.columns);
  while (cycles * registers < comparisons) {
    const array::TileOperands tile = random_ragged_tile(random, shape, 400);
    const TileRecord record = lockstep.run(tile);
    const int expected_cycles = 2 * shape.rows + shape.columns + tile.stream_length - 2;
    EXPECT_EQ(record.cycles, static_cast<std::uint64_t>(expected_cycles));
    EXPECT_EQ(record.partial_sums, matrix_product(tile));
    EXPECT_EQ(record.seen.weights, tile.weights);
    EXPECT_EQ(record.seen.activations, tile.activations);
    cycles += record.cycles;
  }
  const LockstepStatistics statistics = lockstep.finish();
  EXPECT_EQ(statistics.cycles, cycles);
  EXPECT_GE(statistics.partial_sum_comparisons, comparisons);
  EXPECT_GE(statistics.output_comparisons, cycles * static_cast<std::uint64_t>(shape.columns));
  std::cout << statistics.partial_sum_comparisons << " partial sums and "
            << statistics.output_comparisons << " outputs compared in " << statistics.cycles
            << " cycles, " << statistics.mismatches << " mismatches\n";
  return statistics;
}

constexpr std::uint64_t ten_million = 10'000'000;

TEST(Lockstep, StructuralRtlEqualsTheModel_At16x16) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(16, 16), RtlStyle::structural, ten_million, 1).mismatches,
            0u);
}

TEST(Lockstep, StructuralRtlEqualsTheModel_At8x12) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(8, 12), RtlStyle::structural, ten_million, 2).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_At16x16) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(16, 16), RtlStyle::loop, ten_million, 3).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_At64x64) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(64, 64), RtlStyle::loop, 5 * ten_million, 4).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_WhenRowsAndColumnsDiffer) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(24, 40), RtlStyle::loop, ten_million, 5).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_WhenHigherThanWide) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(61, 3), RtlStyle::loop, ten_million, 6).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_At256x256) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(256, 256), RtlStyle::loop, 10 * ten_million, 14).mismatches,
            0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_At256x16) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(256, 16), RtlStyle::loop, ten_million, 15).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_At16x256) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(16, 256), RtlStyle::loop, ten_million, 16).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_JustAboveTheSmallerBuild) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(65, 64), RtlStyle::loop, ten_million, 17).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_WithNarrowOperands) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(24, 40, 4, 5), RtlStyle::loop, ten_million, 18).mismatches,
            0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_WithASinglePe) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(1, 1), RtlStyle::loop, 20'000, 7).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_WithASingleRow) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(1, 64), RtlStyle::loop, 200'000, 8).mismatches, 0u);
}

TEST(Lockstep, LoopRtlEqualsTheModel_WithASingleColumn) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  EXPECT_EQ(run_random_tiles(shape_of(64, 1), RtlStyle::loop, 200'000, 9).mismatches, 0u);
}

TEST(Lockstep, FindsTheFirstPartialSum_WhenTheModelGetsAFlippedActivation) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const array::ArrayShape shape = shape_of(16, 16);
  Random random(10);
  Lockstep lockstep(shape, RtlStyle::structural);
  lockstep.run(random_tile(random, 16, 16, 50));

  array::TileOperands tile = random_tile(random, 16, 16, 50);
  const int row = 5;
  const int vector = 20;
  tile.weights[row * 16] = 3;
  array::TileOperands flipped = tile;
  flipped.activations[vector * 16 + row] ^= 1;
  lockstep.run(tile, flipped);

  const LockstepStatistics statistics = lockstep.finish();
  EXPECT_GT(statistics.mismatches, 0u);
  ASSERT_TRUE(statistics.first_mismatch.has_value());
  const LockstepMismatch& first = *statistics.first_mismatch;
  // PE (5,0) uses activation 20 in stream cycle 20 + 5, after one tile and 16 load cycles.
  EXPECT_EQ(first.cycle, static_cast<std::uint64_t>(2 * 16 + 16 + 50 - 2 + 16 + vector + row));
  EXPECT_EQ(first.kind, MismatchKind::partial_sum);
  EXPECT_EQ(first.row, row);
  EXPECT_EQ(first.column, 0);
  EXPECT_EQ(std::abs(first.rtl - first.model), 3);
}

TEST(Lockstep, FindsTheWeight_WhenTheModelGetsAFlippedOne) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const array::ArrayShape shape = shape_of(64, 64);
  Random random(11);
  Lockstep lockstep(shape, RtlStyle::loop);
  array::TileOperands tile = random_tile(random, 60, 50, 30);
  array::TileOperands flipped = tile;
  flipped.weights[40 * 50 + 33] ^= 64;
  lockstep.run(tile, flipped);

  const LockstepStatistics statistics = lockstep.finish();
  ASSERT_TRUE(statistics.first_mismatch.has_value());
  EXPECT_EQ(statistics.first_mismatch->kind, MismatchKind::weight);
  EXPECT_EQ(statistics.first_mismatch->cycle, 63u);  // the last load cycle
  EXPECT_EQ(statistics.first_mismatch->row, 40);
  EXPECT_EQ(statistics.first_mismatch->column, 33);
  EXPECT_EQ(std::abs(statistics.first_mismatch->rtl - statistics.first_mismatch->model), 64);
}

TEST(Lockstep, CountsTheSame_WhenASequenceIsRunAgain) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const array::ArrayShape shape = shape_of(24, 40);
  Lockstep lockstep(shape, RtlStyle::loop);
  std::vector<LockstepStatistics> runs;
  for (int i = 0; i < 2; ++i) {
    Random random(12);
    for (int tile = 0; tile < 5; ++tile) lockstep.run(random_ragged_tile(random, shape, 60));
    runs.push_back(lockstep.finish());
  }
  EXPECT_EQ(runs[0].mismatches, 0u);
  EXPECT_EQ(runs[1].mismatches, 0u);
  EXPECT_EQ(runs[0].cycles, runs[1].cycles);
  EXPECT_EQ(runs[0].partial_sum_comparisons, runs[1].partial_sum_comparisons);
  EXPECT_GT(runs[0].toggles.weight, 0u);
  EXPECT_TRUE(runs[0].toggles == runs[1].toggles);
}

}  // namespace
}  // namespace togglewise::systemc
