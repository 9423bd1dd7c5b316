#include "sim/study/compressed_traces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace togglewise::study {
namespace {

using testing::ElementsAre;

network::Traces traces_of(std::vector<std::int8_t> weights) {
  network::Traces traces;
  traces.layers.resize(1);
  traces.layers[0].layer.weights = std::move(weights);
  traces.layers[0].ifmaps = {3, 1, 4};
  return traces;
}

TEST(PrunedToPowersOfTwo, ZeroesTheSmallest_AndRoundsTheOthersInTheLogarithm) {
  // 60 % of ten are six: 0, 1, -2, 2, and the first two of the three 5s.
  const network::Traces pruned =
      pruned_to_powers_of_two(traces_of({5, -2, 5, 90, 0, 1, -91, 2, -5, -11}), {0.6, 8});
  // log2 5 = 2.32, log2 11 = 3.46, log2 90 = 6.49; 2^7 does not fit eight bits, 2^6 is the most.
  EXPECT_THAT(pruned.layers[0].layer.weights, ElementsAre(0, 0, 0, 64, 0, 0, -64, 0, -4, -8));
}

TEST(PrunedToPowersOfTwo, LeavesActivationsAlone) {
  EXPECT_THAT(pruned_to_powers_of_two(traces_of({1, 2}), {0.5, 8}).layers[0].ifmaps,
              ElementsAre(3, 1, 4));
}

TEST(PrunedToPowersOfTwo, KeepsToTheWidthOfWeights) {
  EXPECT_THAT(pruned_to_powers_of_two(traces_of({7, -8}), {0, 4}).layers[0].layer.weights,
              ElementsAre(4, -4));
}

}  // namespace
}  // namespace togglewise::study
