#include "sim/energy/transition_histogram.h"

#include <numeric>

#include <gtest/gtest.h>

#include "sim/array/tile_streams.h"
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

}  // namespace
}  // namespace togglewise::energy
