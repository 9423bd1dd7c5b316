#include "sim/topology/synthetic_operands.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/expect_error.h"
#include "tests/topology/text_file.h"

namespace togglewise::topology {
namespace {

Topology network() {
  return read_topology(TextFile("net.csv",
                                "name, ih, iw, fh, fw, c, n, s,\n"
                                "conv, 30, 30, 3, 3, 16, 64, 1,\n"
                                "depth_DP, 30, 30, 3, 3, 16, 1, 2,\n"
                                "fc, 1, 1, 1, 1, 500, 100, 1,\n")
                           .path());
}

double mean_square(const std::vector<std::int8_t>& values) {
  double sum = 0;
  for (const std::int8_t value : values) sum += static_cast<double>(value) * value;
  return sum / static_cast<double>(values.size());
}

TEST(SyntheticOperands, HaveTheSizesOfTheirLayersAndSayWhatTheyAre) {
  SyntheticParams params;
  params.images = 3;
  const network::Traces traces = synthetic_traces(network(), params);
  EXPECT_TRUE(traces.synthetic);
  EXPECT_THAT(traces.image_source, testing::HasSubstr("synthetic operands"));
  EXPECT_THAT(traces.image_source, testing::HasSubstr("sigma 25.4"));
  EXPECT_THAT(traces.image_source, testing::HasSubstr("50 % zeros, 3 images, seed 1"));
  ASSERT_EQ(traces.layers.size(), 3U);
  EXPECT_EQ(traces.layers[0].layer.weights.size(), 9U * 16 * 64);
  EXPECT_EQ(traces.layers[1].layer.groups, 16);
  EXPECT_EQ(traces.layers[1].layer.weights.size(), 9U * 16);
  EXPECT_EQ(traces.layers[2].ifmaps.size(), 3U * 500);
  EXPECT_EQ(traces.layers[2].layer.bias.size(), 100U);
}

TEST(SyntheticOperands, FollowTheStatedDistribution) {
  const network::Traces traces = synthetic_traces(network(), {});
  const std::vector<std::int8_t>& weights = traces.layers[0].layer.weights;
  EXPECT_NEAR(std::sqrt(mean_square(weights)), 0.2 * 127, 1.5);
  const std::vector<std::int8_t>& activations = traces.layers[0].ifmaps;
  const auto zeros = std::count(activations.begin(), activations.end(), 0);
  EXPECT_NEAR(static_cast<double>(zeros) / static_cast<double>(activations.size()), 0.5, 0.02);
  EXPECT_GE(*std::min_element(activations.begin(), activations.end()), 0);
  // Of the others, 68.3 % lie within one sigma (38.1).
  const auto near = std::count_if(activations.begin(), activations.end(),
                                  [](std::int8_t value) { return value > 0 && value <= 38; });
  EXPECT_NEAR(static_cast<double>(near) / static_cast<double>(activations.size() - zeros), 0.683,
              0.03);
}

TEST(SyntheticOperands, FitTheArraysBits) {
  SyntheticParams params;
  params.weight_bits = 4;
  params.activation_bits = 5;
  params.weight_sigma = 3;  // mostly clipped
  const network::Traces traces = synthetic_traces(network(), params);
  for (const network::TracedLayer& traced : traces.layers) {
    const auto [low, high] =
        std::minmax_element(traced.layer.weights.begin(), traced.layer.weights.end());
    EXPECT_EQ(*low, -7);
    EXPECT_EQ(*high, 7);
    EXPECT_LE(*std::max_element(traced.ifmaps.begin(), traced.ifmaps.end()), 15);
  }
}

TEST(SyntheticOperands, DependOnTheSeedAndTheLayerAlone) {
  SyntheticParams params;
  const network::Traces first = synthetic_traces(network(), params);
  const network::Traces again = synthetic_traces(network(), params);
  EXPECT_EQ(first.layers[0].layer.weights, again.layers[0].layer.weights);
  EXPECT_EQ(first.layers[2].ifmaps, again.layers[2].ifmaps);
  EXPECT_NE(std::vector<std::int8_t>(first.layers[0].ifmaps.begin(),
                                     first.layers[0].ifmaps.begin() + 500),
            std::vector<std::int8_t>(first.layers[2].ifmaps.begin(), first.layers[2].ifmaps.end()));
  params.seed = 2;
  EXPECT_NE(synthetic_traces(network(), params).layers[0].layer.weights,
            first.layers[0].layer.weights);
  // More images leave the weights and the first image as they were.
  params.seed = 1;
  params.images = 2;
  const network::Traces more = synthetic_traces(network(), params);
  EXPECT_EQ(more.layers[0].layer.weights, first.layers[0].layer.weights);
  EXPECT_TRUE(std::equal(first.layers[0].ifmaps.begin(), first.layers[0].ifmaps.end(),
                         more.layers[0].ifmaps.begin()));
}

TEST(SyntheticOperands, AreRefused_WhenTheyTakeTooMuchMemory) {
  const TextFile file("net.csv", "a, 10, 10, 10\nhuge, 40000, 40000, 40000\n");
  const Topology topology = read_topology(file.path());
  SyntheticParams params;
  params.images = 10;
  expect_error([&] { synthetic_traces(topology, params); },
               {"TW-TOPO-007", {"'huge'", "cycles"}, 2});
}

}  // namespace
}  // namespace togglewise::topology
