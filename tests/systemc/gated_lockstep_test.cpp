// Arrays with gated clocks in lockstep with the SystemC model, which knows nothing of gating.
#include <algorithm>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>

#include "sim/array/clock_reference.h"
#include "sim/systemc/lockstep.h"
#include "tests/systemc/gated_tiles.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using array::ClockCounts;
using array::TileOperands;
using testing::gating_of;
using testing::shape_of;

// Sequences of tiles with offsets of their own; accumulators of every tile begin at `start`.
void run_gated(const array::ArrayShape& shape, RtlStyle style, int set, int sequences) {
  const array::Gating gating = gating_of(set);
  Random random(static_cast<std::uint64_t>(set + 7));
  Lockstep lockstep(shape, style, gating);
  for (int sequence = 0; sequence < sequences; ++sequence) {
    const std::int32_t offset = sequence * 4321;
    const std::vector<TileOperands> tiles =
        testing::random_gated_tiles(random, shape, 8, 50, offset);
    const std::int32_t start = 1000;
    std::vector<std::vector<std::int32_t>> sums;
    std::vector<TileRecord> records;
    const auto take = [&](std::vector<TileRecord> more) {
      std::move(more.begin(), more.end(), std::back_inserter(records));
    };
    for (const TileOperands& tile : tiles) {
      sums.emplace_back(static_cast<std::size_t>(tile.stream_length * tile.used_columns), start);
    }
    for (std::size_t t = 0; t < tiles.size(); ++t) take(lockstep.push(tiles[t], &sums[t]));
    take(lockstep.drain());
    const LockstepStatistics statistics = lockstep.finish();

    EXPECT_EQ(statistics.mismatches, 0u);
    EXPECT_TRUE(statistics.clocks.partial_sum > 0);
    ASSERT_EQ(records.size(), tiles.size());
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      EXPECT_EQ(records[t].seen.weights, tiles[t].weights);
      EXPECT_EQ(records[t].seen.activations, tiles[t].activations);
      const std::vector<std::int32_t> products = testing::matrix_product(tiles[t]);
      for (std::size_t i = 0; i < products.size(); ++i) {
        const bool negated = tiles[t].negated[i % tiles[t].negated.size()] != 0;
        const std::int32_t sum = products[i] + offset;
        ASSERT_EQ(records[t].partial_sums[i], sum);
        ASSERT_EQ(sums[t][i], negated ? start - sum : start + sum);
      }
    }
    ClockCounts reference = array::reference_clock_counts(shape, gating, tiles);
    if (sequence > 0) {  // activation registers may still hold what the sequence before left there
      reference.activation_toggles = statistics.clocks.activation_toggles;
      reference.skew_toggles = statistics.clocks.skew_toggles;
      reference.flag_toggles = statistics.clocks.flag_toggles;
    }
    for (const array::ClockCountField& field : array::clock_count_fields) {
      EXPECT_EQ(statistics.clocks.*field.member, reference.*field.member) << field.name;
    }
    EXPECT_TRUE(statistics.clocks == reference);
  }
}

TEST(GatedLockstep, StructuralRtlEqualsTheModel_WithEveryOption) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  run_gated(shape_of(16, 16), RtlStyle::structural, 63, 3);
}

TEST(GatedLockstep, StructuralRtlEqualsTheModel_WithIdleColumnsAlone) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  run_gated(shape_of(8, 12), RtlStyle::structural, 1, 3);
}

TEST(GatedLockstep, StructuralRtlEqualsTheModel_WithFlagsOfPartialSumsAlone) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  run_gated(shape_of(8, 12), RtlStyle::structural, 16, 3);
}

TEST(GatedLockstep, LoopRtlEqualsTheModel_WithEveryOption) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  run_gated(shape_of(64, 64), RtlStyle::loop, 63, 2);
}

TEST(GatedLockstep, LoopRtlEqualsTheModel_WithZeroActivations) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  run_gated(shape_of(20, 33), RtlStyle::loop, 8, 3);
}

// The model is the proof only if a difference shows.
TEST(GatedLockstep, FindsAFlippedWeight_WithEveryOption) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Random random(5);
  const array::ArrayShape shape = shape_of(8, 12);
  Lockstep lockstep(shape, RtlStyle::structural, gating_of(63));
  TileOperands tile = testing::random_tile(random, 6, 9, 30);
  TileOperands flipped = tile;
  flipped.weights[13] ^= 32;
  lockstep.run(tile, flipped);
  const LockstepStatistics statistics = lockstep.finish();
  ASSERT_TRUE(statistics.first_mismatch.has_value());
  EXPECT_EQ(statistics.first_mismatch->kind, MismatchKind::weight);
}

}  // namespace
}  // namespace togglewise::systemc
