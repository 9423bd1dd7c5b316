// Toggles counted in the RTL's registers against the toggle engine, its scalar reference and the
// weight chain, which know nothing of the RTL.
#include "sim/array/toggle_engine.h"

#include <ostream>

#include <gtest/gtest.h>

#include "sim/array/cycle_model.h"
#include "sim/array/toggle_reference.h"
#include "sim/array/toggle_sequence.h"
#include "sim/array/weight_chain.h"
#include "sim/systemc/lockstep.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using testing::random_ragged_tile;
using testing::random_tile;
using testing::shape_of;

void expect_equal(const array::ToggleCounts& rtl, const array::ToggleCounts& expected) {
  EXPECT_EQ(rtl.partial_sum.active, expected.partial_sum.active);
  EXPECT_EQ(rtl.partial_sum.idle_rows, expected.partial_sum.idle_rows);
  EXPECT_EQ(rtl.partial_sum.idle_columns, expected.partial_sum.idle_columns);
  EXPECT_EQ(rtl.activation.active, expected.activation.active);
  EXPECT_EQ(rtl.activation.idle_rows, expected.activation.idle_rows);
  EXPECT_EQ(rtl.activation.idle_columns, expected.activation.idle_columns);
  EXPECT_EQ(rtl.weight, expected.weight);
  EXPECT_EQ(rtl.shadow_weight, expected.shadow_weight);
  EXPECT_EQ(rtl.skew, expected.skew);
  EXPECT_EQ(rtl.deskew, expected.deskew);
  EXPECT_EQ(rtl.weight_update, expected.weight_update);
}

void expect_rtl_toggles_equal_the_engine(const array::ArrayShape& shape, RtlStyle style,
                                         int tile_count, int longest_stream) {
  Random random(21);
  Lockstep lockstep(shape, style);
  array::WeightChain chain(shape);
  array::ToggleCounts engine;
  array::ToggleCounts reference;
  std::uint64_t cycles = 0;
  for (int i = 0; i < tile_count; ++i) {
    // Full, single-vector and ragged tiles in turn.
    const array::TileOperands tile =
        i == 0   ? random_tile(random, shape.rows, shape.columns, longest_stream)
        : i == 1 ? random_tile(random, (shape.rows + 1) / 2, (shape.columns + 2) / 3, 1)
                 : random_ragged_tile(random, shape, longest_stream);
    lockstep.run(tile);
    engine += array::count_toggles(shape, array::to_streams(tile));
    reference += array::reference_toggles(shape, tile);
    const array::ToggleCounts loading =
        chain.load(tile.first_row, tile.used_rows, tile.used_columns, tile.weights);
    engine += loading;
    reference += loading;
    cycles += array::tile_cycles(shape, tile.stream_length);
  }
  const LockstepStatistics statistics = lockstep.finish();
  EXPECT_EQ(statistics.mismatches, 0u);
  EXPECT_EQ(statistics.cycles, cycles);
  EXPECT_GT(statistics.toggles.partial_sum.active, 0u);
  expect_equal(statistics.toggles, engine);
  expect_equal(statistics.toggles, reference);
}

TEST(RtlToggles, EqualTheToggleEngine_InTheStructuralArrayAt16x16) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_equal_the_engine(shape_of(16, 16), RtlStyle::structural, 30, 80);
}

TEST(RtlToggles, EqualTheToggleEngine_InTheStructuralArrayAt8x12) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_equal_the_engine(shape_of(8, 12), RtlStyle::structural, 30, 80);
}

TEST(RtlToggles, EqualTheToggleEngine_At16x16) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_equal_the_engine(shape_of(16, 16), RtlStyle::loop, 30, 80);
}

TEST(RtlToggles, EqualTheToggleEngine_At64x64) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_equal_the_engine(shape_of(64, 64), RtlStyle::loop, 12, 100);
}

TEST(RtlToggles, EqualTheToggleEngine_WhenRowsAndColumnsDiffer) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_equal_the_engine(shape_of(24, 40), RtlStyle::loop, 20, 80);
}

TEST(RtlToggles, EqualTheToggleEngine_WhenPartialSumsAreWiderThanTheBuild) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  array::ArrayShape shape = shape_of(24, 40);
  shape.partial_sum_bits = 32;
  expect_rtl_toggles_equal_the_engine(shape, RtlStyle::loop, 8, 40);
}

TEST(RtlToggles, EqualTheToggleEngine_WithASingleRow) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_equal_the_engine(shape_of(1, 5), RtlStyle::loop, 20, 40);
}

TEST(RtlToggles, EqualTheToggleEngine_WithASingleColumn) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_equal_the_engine(shape_of(7, 1), RtlStyle::loop, 20, 40);
}

// One sequence of double-buffered tiles with gaps and without, and two of single-buffered ones.
void expect_rtl_toggles_of_a_sequence(const array::ArrayShape& shape, RtlStyle style,
                                      bool double_buffered, int tile_count, int longest_stream) {
  Random random(22);
  Lockstep lockstep(shape, style, double_buffered);
  for (int sequence = 0; sequence < 2; ++sequence) {
    std::vector<array::TileOperands> tiles;
    std::vector<array::TileStreams> streams;
    for (int i = 0; i < tile_count; ++i) {
      tiles.push_back(random_ragged_tile(random, shape, longest_stream));
      streams.push_back(array::to_streams(tiles.back()));
    }
    lockstep.run_sequence(tiles);
    const LockstepStatistics statistics = lockstep.finish();
    EXPECT_EQ(statistics.mismatches, 0u);
    EXPECT_GT(statistics.toggles.partial_sum.active, 0u);
    expect_equal(statistics.toggles,
                 array::reference_sequence_toggles(shape, double_buffered, tiles));
    expect_equal(statistics.toggles,
                 array::count_sequence_toggles(shape, double_buffered, streams));
  }
}

TEST(RtlToggles, OfASequenceEqualTheToggleEngine_InTheStructuralArray) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(8, 12), RtlStyle::structural, false, 20, 60);
}

TEST(RtlToggles, OfADoubleBufferedSequenceEqualTheToggleEngine_InTheStructuralArrayAt16x16) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(16, 16), RtlStyle::structural, true, 20, 90);
}

TEST(RtlToggles, OfADoubleBufferedSequenceEqualTheToggleEngine_InTheStructuralArrayAt8x12) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(8, 12), RtlStyle::structural, true, 20, 60);
}

TEST(RtlToggles, OfADoubleBufferedSequenceEqualTheToggleEngine_At24x40) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(24, 40), RtlStyle::loop, true, 15, 150);
}

TEST(RtlToggles, OfADoubleBufferedSequenceEqualTheToggleEngine_WithNarrowOperands) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(9, 5, 5, 4), RtlStyle::loop, true, 20, 40);
}

TEST(RtlToggles, OfADoubleBufferedSequenceEqualTheToggleEngine_WithASinglePe) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(1, 1), RtlStyle::loop, true, 40, 5);
}

TEST(RtlToggles, OfADoubleBufferedSequenceEqualTheToggleEngine_WithASingleRow) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(1, 5), RtlStyle::loop, true, 30, 12);
}

TEST(RtlToggles, OfADoubleBufferedSequenceEqualTheToggleEngine_WithASingleColumn) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(7, 1), RtlStyle::loop, true, 30, 25);
}

TEST(RtlToggles, OfADoubleBufferedSequenceEqualTheToggleEngine_At100x70) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(100, 70), RtlStyle::loop, true, 3, 350);
}

TEST(RtlToggles, OfASequenceEqualTheToggleEngine_WithNarrowOperands) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  expect_rtl_toggles_of_a_sequence(shape_of(24, 40, 4, 6), RtlStyle::loop, false, 15, 60);
}

}  // namespace
}  // namespace togglewise::systemc
