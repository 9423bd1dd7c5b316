#include "sim/array/toggle_histogram.h"

#include <numeric>

#include <gtest/gtest.h>

#include "sim/array/toggle_engine.h"
#include "tests/array/random_tile.h"
#include "tests/array/vector_targets.h"

namespace togglewise::array {
namespace {

const ToggleGroup kKinds[] = {ToggleGroup::distance, ToggleGroup::msb_distance};

std::vector<std::uint64_t> counted_one_by_one(ToggleGroup kind, const ArrayShape& shape,
                                              const TileStreams& tile) {
  std::vector<std::uint64_t> counts(group_count(kind, shape.partial_sum_bits), 0);
  const std::uint32_t mask =
      shape.partial_sum_bits == 32 ? ~0U : (1U << shape.partial_sum_bits) - 1U;
  for (int c = 0; c < tile.used_columns; ++c) {
    std::vector<std::uint32_t> p(tile.cycles, 0);
    for (int r = 0; r < tile.used_rows; ++r) {
      for (std::size_t t = 0; t < tile.cycles; ++t) {
        p[t] += static_cast<std::uint32_t>(tile.weight(r, c) * tile.row(r)[t]);
      }
      for (std::size_t t = 1; t < tile.cycles; ++t) {
        ++counts[toggle_group(kind, (p[t] ^ p[t - 1]) & mask)];
      }
    }
  }
  return counts;
}

TEST(ToggleGroups, AreNumberedWithoutAGap) {
  // msb_distance: nothing; then (m, h) = (0,1), (1,1), (1,2), (2,1), (2,2), (2,3), …
  EXPECT_EQ(toggle_group(ToggleGroup::msb_distance, 0), 0U);
  EXPECT_EQ(toggle_group(ToggleGroup::msb_distance, 0b1), 1U);
  EXPECT_EQ(toggle_group(ToggleGroup::msb_distance, 0b10), 2U);
  EXPECT_EQ(toggle_group(ToggleGroup::msb_distance, 0b11), 3U);
  EXPECT_EQ(toggle_group(ToggleGroup::msb_distance, 0b100), 4U);
  EXPECT_EQ(toggle_group(ToggleGroup::msb_distance, (1U << 22U) - 1U), 253U);
  EXPECT_EQ(group_count(ToggleGroup::msb_distance, 22), 254U);
  EXPECT_EQ(group_count(ToggleGroup::distance, 22), 23U);
}

TEST(ToggleGroups, EqualThoseCountedOneByOne_WithEveryInstructionSet) {
  with_every_vector_target([] {
    Random random(41);
    for (int trial = 0; trial < 16; ++trial) {
      ArrayShape shape = shape_of(random.between(1, 20), random.between(1, 20));
      if (trial % 2 == 1) shape.partial_sum_bits = random.between(1, 32);
      TileOperands tile =
          random_tile(random.between(1, shape.rows), random.between(1, shape.columns),
                      random.between(1, 300), random);
      for (auto& weight : tile.weights) weight = random.below(3) == 0 ? std::int8_t{0} : weight;
      const TileStreams streams = to_streams(tile);
      for (const ToggleGroup kind : kKinds) {
        EXPECT_EQ(count_toggle_groups(kind, shape, streams),
                  counted_one_by_one(kind, shape, streams))
            << "bits " << shape.partial_sum_bits << " M=" << tile.stream_length;
      }
    }
  });
}

TEST(ToggleGroups, EqualThoseCountedOneByOne_OnATileThatIsCountedInPairs) {
  with_every_vector_target([] {
    Random random(43);
    for (const int bits : {22, 23}) {  // 254 groups fit a byte, 277 do not
      ArrayShape shape = shape_of(20, 20);
      shape.partial_sum_bits = bits;
      TileOperands tile = random_tile(20, 19, 1001, random);
      for (auto& weight : tile.weights) weight = random.below(3) == 0 ? std::int8_t{0} : weight;
      for (int r = 0; r < 20; ++r) tile.weights[static_cast<std::size_t>(r) * 19] = 0;
      const TileStreams streams = to_streams(tile);
      ASSERT_GT(streams.weights.size() * streams.transitions_per_pe(), std::size_t{1} << 18U);
      for (const ToggleGroup kind : kKinds) {
        EXPECT_EQ(count_toggle_groups(kind, shape, streams),
                  counted_one_by_one(kind, shape, streams));
      }
    }
  });
}

TEST(ToggleGroups, WeighedWithTheirDistanceAddUpToTheToggles) {
  Random random(42);
  const ArrayShape shape = shape_of(17, 9);
  const TileStreams streams = to_streams(random_tile(17, 9, 200, random));
  const auto counts = count_toggle_groups(ToggleGroup::distance, shape, streams);
  std::uint64_t toggles = 0;
  for (std::size_t h = 0; h < counts.size(); ++h) toggles += h * counts[h];
  EXPECT_EQ(toggles, count_toggles(shape, streams).partial_sum.active);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}),
            17U * 9U * streams.transitions_per_pe());
}

}  // namespace
}  // namespace togglewise::array
