#include "sim/energy/transition_histogram.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "sim/array/tile_streams.h"
#include "sim/base/random.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

TEST(TransitionHistogram, CountsEveryTransitionOfEveryPe) {
  const network::Traces traces = small_traces(2);
  const array::ArrayShape shape{16, 16, 8, 8, 20};
  for (const std::string& name : grouping_names()) {
    const auto grouping = make_grouping(name, 8, 20);
    for (const network::TracedLayer& traced : traces.layers) {
      const auto activations =
          array::lower_activations(traced.layer, traced.ifmaps.data(), traced.images, 1);
      for (const network::TileRange& range : network::tiles_of(traced.layer.gemm(), 16, 16)) {
        const array::TileStreams tile = array::tile_streams(traced.layer, activations, range);
        TransitionHistogram histogram(grouping->cells());
        add_transitions(*grouping, shape, tile, histogram);

        TransitionHistogram expected(grouping->cells());
        for (int c = 0; c < tile.used_columns; ++c) {
          std::vector<std::int32_t> p(tile.cycles, 0);
          for (int r = 0; r < tile.used_rows; ++r) {
            const std::int8_t* a = tile.row(r);
            for (std::size_t t = 0; t + 1 < tile.cycles; ++t) {
              ++expected.active[weight_index(tile.weight(r, c)) * grouping->cells() +
                                grouping->cell(a[t], a[t + 1], p[t], p[t + 1])];
            }
            for (std::size_t t = 0; t < tile.cycles; ++t) p[t] += tile.weight(r, c) * a[t];
          }
        }
        EXPECT_EQ(histogram.active, expected.active);
        const std::uint64_t transitions = tile.transitions_per_pe();
        const auto rows = static_cast<std::uint64_t>(tile.used_rows);
        const auto columns = static_cast<std::uint64_t>(tile.used_columns);
        EXPECT_EQ(sum(histogram.active), rows * columns * transitions);
        EXPECT_EQ(sum(histogram.idle_rows), (16 - rows) * columns * transitions);
        EXPECT_EQ(sum(histogram.idle_columns), rows * (16 - columns) * transitions);
        EXPECT_EQ(sum(histogram.active_pes), rows * columns);
      }
    }
  }
}

// A grouping that the toggle engine does not know, with the same cells.
class UnknownToTheEngine final : public TransitionGrouping {
 public:
  explicit UnknownToTheEngine(const TransitionGrouping& known) : known_(known) {}
  std::string name() const override { return known_.name(); }
  std::string formula() const override { return known_.formula(); }
  std::size_t activation_groups() const override { return known_.activation_groups(); }
  std::size_t partial_sum_groups() const override { return known_.partial_sum_groups(); }
  std::size_t activation_group(int a0, int a1) const override {
    return known_.activation_group(a0, a1);
  }
  std::size_t partial_sum_group(std::int32_t p0, std::int32_t p1) const override {
    return known_.partial_sum_group(p0, p1);
  }
  void group_partial_sums(const std::int32_t* partial_sum, std::size_t count,
                          std::uint16_t* group) const override {
    known_.group_partial_sums(partial_sum, count, group);
  }

 private:
  const TransitionGrouping& known_;
};

TEST(TransitionHistogram, IsTheSame_WhetherOrNotTheEngineKnowsTheGrouping) {
  Random random(5);
  for (const int rows : {1, 3, 4, 5, 16}) {
    array::TileOperands tile;
    tile.used_rows = rows;
    tile.used_columns = 7;
    tile.stream_length = 150;
    for (int i = 0; i < rows * 7; ++i) {
      tile.weights.push_back(static_cast<std::int8_t>(random.between(-3, 3)));  // many zeros
    }
    for (int i = 0; i < rows * 150; ++i) {
      tile.activations.push_back(static_cast<std::int8_t>(std::max(0, random.between(-99, 99))));
    }
    const array::TileStreams streams = array::to_streams(tile);
    const array::ArrayShape shape{16, 9, 8, 8, 20};
    for (const std::string& name : grouping_names()) {
      const auto grouping = make_grouping(name, 8, 20);
      ASSERT_TRUE(grouping->engine_groups().has_value()) << name;
      TransitionHistogram known(grouping->cells());
      TransitionHistogram unknown(grouping->cells());
      add_transitions(*grouping, shape, streams, known);
      add_transitions(UnknownToTheEngine(*grouping), shape, streams, unknown);
      EXPECT_EQ(known.active, unknown.active) << name;
      EXPECT_EQ(known.idle_columns, unknown.idle_columns) << name;
      EXPECT_EQ(known.idle_rows, unknown.idle_rows) << name;
      EXPECT_EQ(known.active_pes, unknown.active_pes) << name;
    }
  }
}

}  // namespace
}  // namespace togglewise::energy
