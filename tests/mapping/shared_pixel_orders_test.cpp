#include "sim/mapping/shared_pixel_orders.h"

#include <gtest/gtest.h>

#include "tests/energy/small_network.h"
#include "tests/mapping/hamming_costs.h"

namespace togglewise::mapping {
namespace {

using Kind = network::PixelOrder::Kind;

network::Traces layers_of_two_sizes() {
  Random random(21);
  network::Traces traces;
  const network::FeatureMapShape input{3, 8, 9};
  traces.layers.push_back(energy::random_layer("first", input, {4, 6, 7}, 3, 2, random));
  traces.layers.push_back(energy::random_layer("second", input, {5, 6, 7}, 3, 2, random));
  traces.layers.push_back(energy::random_layer("transposed", {3, 9, 8}, {4, 7, 6}, 3, 2, random));
  traces.layers.push_back(energy::random_layer("fc", {40, 1, 1}, {20, 1, 1}, 1, 2, random));
  return traces;
}

TEST(SharedTableOrders, AreShortestUnderTheDistancesOfAllLayersOfASizeTogether) {
  const network::Traces traces = layers_of_two_sizes();
  const ActivationCosts costs = hamming_costs(8, false);
  const std::vector<network::PixelOrder> orders =
      shared_table_orders(traces, {0, 1}, costs, {}, {}, 2);
  ASSERT_EQ(orders.size(), 4U);
  PixelDistances sum = pixel_distances(traces.layers[0], {0, 1}, costs, {}, 1);
  sum += pixel_distances(traces.layers[1], {0, 1}, costs, {}, 1);
  EXPECT_EQ(orders[0], table_order(sum));
  EXPECT_EQ(orders[1], orders[0]);
  EXPECT_EQ(orders[2], table_order(pixel_distances(traces.layers[2], {0, 1}, costs, {}, 1)));
  EXPECT_EQ(orders[3].kind, Kind::raster);
}

TEST(SharedTableOrders, AreTheSameForAnyNumberOfThreads) {
  const network::Traces traces = layers_of_two_sizes();
  const ActivationCosts costs = hamming_costs(8, false);
  EXPECT_EQ(shared_table_orders(traces, {1}, costs, {}, {}, 1),
            shared_table_orders(traces, {1}, costs, {}, {}, 3));
}

}  // namespace
}  // namespace togglewise::mapping
