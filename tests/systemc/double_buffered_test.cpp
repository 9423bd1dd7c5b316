// Double-buffered weights: a tile is loaded while the one before streams, and the swap travels
// through the array with the first vector.
#include <algorithm>
#include <ostream>

#include <gtest/gtest.h>

#include "sim/systemc/lockstep.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using array::TileOperands;
using testing::matrix_product;
using testing::random_ragged_tile;
using testing::random_tile;
using testing::shape_of;

// R + Σ max(M_f, 2R + C − 1) + M + R + C − 2: the sum over all tiles but the last, whose M it is.
std::uint64_t sequence_cycles(const array::ArrayShape& shape,
                              const std::vector<TileOperands>& tiles) {
  int cycles = shape.rows;
  for (std::size_t f = 0; f + 1 < tiles.size(); ++f)
    cycles += std::max(tiles[f].stream_length, 2 * shape.rows + shape.columns - 1);
  cycles += tiles.back().stream_length + shape.rows + shape.columns - 2;
  return static_cast<std::uint64_t>(cycles);
}

// Each PE's register and the r skew registers before row r go up and down once per tile.
std::uint64_t wave_toggles(const array::ArrayShape& shape, std::size_t tiles) {
  const int per_tile = 2 * shape.rows * shape.columns + shape.rows * (shape.rows - 1);
  return static_cast<std::uint64_t>(per_tile) * tiles;
}

void expect_rtl_equals_the_model(const array::ArrayShape& shape, RtlStyle style, int tile_count,
                                 int longest_stream) {
  Random random(31);
  Lockstep lockstep(shape, style, true);
  for (int sequence = 0; sequence < 2; ++sequence) {
    std::vector<TileOperands> tiles;
    for (int i = 0; i < tile_count; ++i)
      tiles.push_back(random_ragged_tile(random, shape, longest_stream));
    const std::vector<TileRecord> records = lockstep.run_sequence(tiles);
    ASSERT_EQ(records.size(), tiles.size());
    for (std::size_t f = 0; f < tiles.size(); ++f) {
      EXPECT_EQ(records[f].partial_sums, matrix_product(tiles[f])) << "tile " << f;
      EXPECT_EQ(records[f].seen.weights, tiles[f].weights) << "tile " << f;
      EXPECT_EQ(records[f].seen.activations, tiles[f].activations) << "tile " << f;
    }
    const LockstepStatistics statistics = lockstep.finish();
    EXPECT_EQ(statistics.mismatches, 0u);
    EXPECT_EQ(statistics.cycles, sequence_cycles(shape, tiles));
    EXPECT_GT(statistics.partial_sum_comparisons, 0u);
    EXPECT_EQ(statistics.partial_sum_comparisons, statistics.weight_comparisons);
    EXPECT_EQ(statistics.toggles.weight_update, wave_toggles(shape, tiles.size()));
  }
}

struct Case {
  const char* name;
  array::ArrayShape shape;
  RtlStyle style;
  int tile_count;
  int longest_stream;
};

void PrintTo(const Case& tested, std::ostream* stream) { *stream << tested.name; }

class DoubleBuffered : public ::testing::TestWithParam<Case> {};

TEST_P(DoubleBuffered, RtlEqualsTheModel) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const Case& c = GetParam();
  expect_rtl_equals_the_model(c.shape, c.style, c.tile_count, c.longest_stream);
}

// Streams shorter and longer than 2R + C − 1: with a gap between tiles and without.
INSTANTIATE_TEST_SUITE_P(
    Shapes, DoubleBuffered,
    ::testing::Values(Case{"Structural16x16", shape_of(16, 16), RtlStyle::structural, 40, 120},
                      Case{"Structural8x12", shape_of(8, 12), RtlStyle::structural, 40, 80},
                      Case{"Loop16x16", shape_of(16, 16), RtlStyle::loop, 40, 120},
                      Case{"Loop64x64", shape_of(64, 64), RtlStyle::loop, 20, 500},
                      Case{"Loop24x40", shape_of(24, 40), RtlStyle::loop, 30, 200},
                      Case{"HigherThanWide61x3", shape_of(61, 3), RtlStyle::loop, 30, 300},
                      Case{"SinglePe", shape_of(1, 1), RtlStyle::loop, 60, 6},
                      Case{"SingleRow1x64", shape_of(1, 64), RtlStyle::loop, 30, 150},
                      Case{"SingleColumn64x1", shape_of(64, 1), RtlStyle::loop, 30, 300},
                      Case{"TwoPes1x2", shape_of(1, 2), RtlStyle::loop, 60, 8},
                      Case{"TwoPes2x1", shape_of(2, 1), RtlStyle::loop, 60, 8},
                      Case{"Narrow16x8", shape_of(16, 8, 4, 6), RtlStyle::loop, 30, 90},
                      Case{"Loop256x16", shape_of(256, 16), RtlStyle::loop, 4, 900},
                      Case{"Loop16x256", shape_of(16, 256), RtlStyle::loop, 8, 500},
                      Case{"Loop256x256", shape_of(256, 256), RtlStyle::loop, 3, 300}),
    [](const auto& tested) { return std::string(tested.param.name); });

// With M >= 2R + C − 1 a vector enters in every cycle: R·F loads are hidden but the first.
TEST(DoubleBufferedWeights, TilesFollowWithoutAGap_WhenStreamsAreLongEnough) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const array::ArrayShape shape = shape_of(8, 12);
  const int stream_length = 2 * 8 + 12 - 1;
  Random random(32);
  Lockstep lockstep(shape, RtlStyle::structural, true);
  std::uint64_t vectors = 0;
  std::uint64_t first_vector = 0;
  std::uint64_t last_vector = 0;
  lockstep.observe([&](const LockstepCycle& cycle) {
    if (!cycle.request.activation_valid) return;
    if (vectors++ == 0) first_vector = cycle.cycle;
    last_vector = cycle.cycle;
  });
  std::vector<TileOperands> tiles;
  for (int i = 0; i < 10; ++i) tiles.push_back(random_tile(random, 8, 12, stream_length));
  lockstep.run_sequence(tiles);
  lockstep.observe({});
  const LockstepStatistics statistics = lockstep.finish();
  EXPECT_EQ(statistics.mismatches, 0u);
  EXPECT_EQ(vectors, 10u * 27);
  EXPECT_EQ(first_vector, 8u);
  EXPECT_EQ(last_vector - first_vector + 1, vectors);
  EXPECT_EQ(statistics.cycles, 8u + 10 * 27 + 8 + 12 - 2);
}

TEST(DoubleBufferedWeights, ALateActivationIsFound_AtTheBoundaryBetweenTiles) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const array::ArrayShape shape = shape_of(8, 12);
  Random random(34);
  Lockstep lockstep(shape, RtlStyle::structural, true);
  lockstep.push(random_tile(random, 8, 12, 40));
  TileOperands tile = random_tile(random, 8, 12, 40);
  const int row = 6;
  tile.weights[row * 12] = 5;
  TileOperands flipped = tile;
  flipped.activations[row] ^= 1;  // of the first vector
  lockstep.push(tile, flipped);
  lockstep.drain();
  const LockstepStatistics statistics = lockstep.finish();
  ASSERT_TRUE(statistics.first_mismatch.has_value());
  EXPECT_EQ(statistics.first_mismatch->kind, MismatchKind::partial_sum);
  // The second tile streams from cycle 8 + 40 on.
  EXPECT_EQ(statistics.first_mismatch->cycle, 48u + row);
  EXPECT_EQ(statistics.first_mismatch->row, row);
  EXPECT_EQ(statistics.first_mismatch->column, 0);
  EXPECT_EQ(std::abs(statistics.first_mismatch->rtl - statistics.first_mismatch->model), 5);
}

TEST(DoubleBufferedWeights, AWeightOfTheNextTileIsFound_WhenTheWaveReachesIt) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const array::ArrayShape shape = shape_of(64, 64);
  Random random(35);
  Lockstep lockstep(shape, RtlStyle::loop, true);
  lockstep.push(random_tile(random, 64, 64, 300));
  const TileOperands tile = random_tile(random, 60, 50, 30);
  TileOperands flipped = tile;
  flipped.weights[40 * 50 + 33] ^= 64;
  lockstep.push(tile, flipped);
  const LockstepStatistics statistics = lockstep.finish();
  ASSERT_TRUE(statistics.first_mismatch.has_value());
  EXPECT_EQ(statistics.first_mismatch->kind, MismatchKind::weight);
  // It changes at the clock edge that ends the cycle before its first vector arrives.
  EXPECT_EQ(statistics.first_mismatch->cycle, 64u + 300 + 40 + 33 - 1);
  EXPECT_EQ(statistics.first_mismatch->row, 40);
  EXPECT_EQ(statistics.first_mismatch->column, 33);
}

// A model that expects another length than the RTL was given sees another end.
TEST(DoubleBufferedWeights, AnotherTileLengthIsFound) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const array::ArrayShape shape = shape_of(4, 4);
  Random random(36);
  Lockstep lockstep(shape, RtlStyle::loop, true);
  TileOperands zeros = random_tile(random, 4, 4, 20);
  std::fill(zeros.activations.begin(), zeros.activations.end(), std::int8_t{0});
  TileOperands longer = zeros;
  longer.stream_length = 21;
  longer.activations.resize(4 * 21);
  lockstep.push(zeros, longer);
  const LockstepStatistics statistics = lockstep.finish();
  EXPECT_EQ(statistics.mismatches, 1u);
  ASSERT_TRUE(statistics.first_mismatch.has_value());
  EXPECT_EQ(statistics.first_mismatch->kind, MismatchKind::cycles);
  EXPECT_EQ(statistics.first_mismatch->rtl, 2 * 4 + 4 + 20 - 2);
  EXPECT_EQ(statistics.first_mismatch->model, 2 * 4 + 4 + 21 - 2);
}

}  // namespace
}  // namespace togglewise::systemc
