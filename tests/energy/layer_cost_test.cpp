#include "sim/energy/layer_cost.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "sim/energy/layer_evaluator.h"
#include "sim/network/tiling.h"
#include "tests/energy/numbered_tables.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

constexpr double kExact = 1e-12;  // relative: sums of doubles in another order

// Rows whose energies have nothing to do with one another.
LayerCost random_cost(std::size_t rows, int groups, Random& random) {
  LayerCost cost;
  cost.groups = groups;
  cost.transitions_per_weight = 17.5;
  for (std::size_t i = 0; i < rows * kWeightValues; ++i) {
    cost.row_energy_fj.push_back(static_cast<float>(1 + random.unit() * 100));
    cost.energy_fj[i % kWeightValues] +=
        static_cast<double>(cost.row_energy_fj.back()) / static_cast<double>(rows);
  }
  return cost;
}

std::vector<std::int8_t> random_weights(std::size_t count, Random& random) {
  std::vector<std::int8_t> weights(count);
  for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(random.between(-128, 127));
  return weights;
}

void expect_near(double value, double expected) {
  EXPECT_NEAR(value, expected, kExact * std::abs(expected));
}

class EvaluatedLayer : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Groups, EvaluatedLayer, testing::Values(1, 3));

TEST_P(EvaluatedLayer, CostsWhatItsWeightsCostOneByOne_WhateverTheyAreMappedTo) {
  Random random(1);
  const std::size_t reduction = 10;
  const int groups = GetParam();
  const LayerCost cost = random_cost(reduction * static_cast<std::size_t>(groups), groups, random);
  const std::vector<std::int8_t> weights = random_weights(reduction * 12, random);
  const LayerEvaluator evaluator(cost, weights);
  expect_near(evaluator.energy_fj(), layer_energy_fj(cost, weights));
  for (int trial = 0; trial < 10; ++trial) {
    WeightMap map{};
    for (std::int8_t& value : map) value = static_cast<std::int8_t>(random.between(-128, 127));
    std::vector<std::int8_t> mapped = weights;
    for (std::int8_t& weight : mapped) weight = map[weight_index(weight)];
    expect_near(evaluator.energy_fj(map), layer_energy_fj(cost, mapped));
  }
}

TEST_P(EvaluatedLayer, ChangesAsItDoesWhenWeightsAreSetOneAfterTheOther) {
  Random random(2);
  const std::size_t reduction = 6;
  const int groups = GetParam();
  const LayerCost cost = random_cost(reduction * static_cast<std::size_t>(groups), groups, random);
  std::vector<std::int8_t> weights = random_weights(reduction * 6, random);
  LayerEvaluator evaluator(cost, weights);
  for (int trial = 0; trial < 100; ++trial) {
    const std::size_t index = random.below(weights.size());
    const int weight = random.between(-128, 127);
    const double before = layer_energy_fj(cost, weights);
    const double change = evaluator.change_fj(index, weight);
    weights[index] = static_cast<std::int8_t>(weight);
    evaluator.set_weight(index, weight);
    const double after = layer_energy_fj(cost, weights);
    EXPECT_NEAR(change, after - before, kExact * before);
    expect_near(evaluator.energy_fj(), after);
  }
  EXPECT_EQ(evaluator.weights(), weights);
}

TEST(LayerEvaluator, TakesTheMeans_WhereRowsAreNotKnown) {
  Random random(3);
  LayerCost cost = random_cost(4, 1, random);
  for (double& fj : cost.energy_fj) fj = std::round(fj);
  cost.row_energy_fj.clear();
  const std::vector<std::int8_t> weights = random_weights(40, random);
  const LayerEvaluator evaluator(cost, weights);
  expect_near(evaluator.energy_fj(), layer_energy_fj(cost, weights));
  EXPECT_NEAR(evaluator.change_fj(7, 5),
              (cost.energy_of(5) - cost.energy_of(weights[7])) * cost.transitions_per_weight, 1e-9);
}

TEST(NearestMap, TakesTheOneNearerToZero_OfTwoThatAreAsNear) {
  const WeightMap map = nearest_map({-8, -2, 0, 4, 100});
  EXPECT_EQ(map[weight_index(-128)], -8);
  EXPECT_EQ(map[weight_index(-5)], -2);
  EXPECT_EQ(map[weight_index(-1)], 0);
  EXPECT_EQ(map[weight_index(2)], 0);
  EXPECT_EQ(map[weight_index(3)], 4);
  EXPECT_EQ(map[weight_index(52)], 4);
  EXPECT_EQ(map[weight_index(127)], 100);
}

TEST(LayerCost, OfEachSign_IsTheMeanOverTheWeightsThatHaveIt) {
  const EnergyTables tables = numbered_tables("operands-hd", {8, 20, false});
  network::Traces traces = small_traces(1);
  network::TracedLayer& traced = traces.layers[0];
  const auto ranges = network::tiles_of(traced.layer.gemm(), 16, 16);
  Random random(8);
  for (const network::TileRange& range : ranges) {
    network::TileMapping tile;
    for (int c = 0; c < range.columns(); ++c) {
      tile.negated.push_back(static_cast<std::uint8_t>(random.below(2)));
    }
    traced.mapping.tiles.push_back(tile);
  }
  const LayerCost cost = layer_costs(tables, {16, 16, 8, 8, 20}, traces, 1).at(0);
  const std::size_t count = traced.layer.weights.size();
  ASSERT_EQ(cost.negated.size(), count);
  for (const int v : {-127, -5, 0, 1, 90}) {
    double sum[2] = {0, 0};
    int weights[2] = {0, 0};
    for (std::size_t i = 0; i < count; ++i) {
      sum[cost.negated[i]] += cost.energy_of_weight(i, count, v);
      ++weights[cost.negated[i]];
    }
    ASSERT_GT(weights[0], 0);
    ASSERT_GT(weights[1], 0);
    EXPECT_NEAR(cost.energy_of(v, false), sum[0] / weights[0], 1e-5 * sum[0] / weights[0]);
    EXPECT_NEAR(cost.energy_of(v, true), sum[1] / weights[1], 1e-5 * sum[1] / weights[1]);
    EXPECT_NE(cost.energy_of(v, true), cost.energy_of(v, false));
    EXPECT_NEAR(cost.energy_of(v), (sum[0] + sum[1]) / static_cast<double>(count),
                1e-5 * cost.energy_of(v));
  }
}

// Tables whose cells have 25 samples each and deviate by 8 fJ around 100.
EnergyTables uniform_tables(const std::string& grouping) {
  EnergyTables tables = numbered_tables(grouping, {8, 20, false});
  for (std::size_t p = 0; p < tables.parts.size(); ++p) {
    TablePart& part = tables.parts[p];
    part.energy_fj.assign(part.energy_fj.size(), p == 0 ? 100.0F : 0.0F);
    part.samples.assign(part.energy_fj.size(), 25);
    part.deviation_fj.fill(8);
  }
  for (WeightEnergy& weight : tables.weights) weight.transitions = 6400;
  return tables;
}

TEST(LayerErrors, AddTheStandardErrorsOfTheCellsThatTheLayerVisits) {
  const EnergyTables tables = uniform_tables("operands-in-out");
  const TableLookup lookup(tables);
  // Two rows; of eight transitions the pairs (0,4), (4,0) twice each and (0,0) four times.
  array::TileStreams tile;
  tile.used_rows = 2;
  tile.used_columns = 1;
  tile.cycles = 9;
  tile.weights = {3, -3};
  for (int row = 0; row < 2; ++row) {
    for (const int a : {0, 4, 0, 4, 0, 0, 0, 0, 0}) {
      tile.activations.push_back(static_cast<std::int8_t>(a));
    }
  }
  LayerStatistics statistics(2);
  add_statistics(lookup, network::natural_tile({0, 0, 2, 0, 1}), 2, tile, statistics);
  network::GemmLayer layer;
  layer.weights = {3, -3};
  const LayerErrors errors = layer_errors(tables, layer, statistics);
  const double share = std::sqrt(0.5 * 0.5 + 0.25 * 0.25 + 0.25 * 0.25);
  EXPECT_NEAR(errors.layer.tables, 8 * share / 5 / 100, 1e-6);
  EXPECT_NEAR(errors.values[weight_index(77)].tables, 8 * share / 5 / 100, 1e-6);
  EXPECT_EQ(errors.layer.sampling, 0);  // every transition was looked up
  EXPECT_EQ(errors.layer.model, 0);     // no layer was held out
}

TEST(LayerErrors, TakeTheWeightsSamples_WhereNoPartIsByPairs) {
  const EnergyTables tables = uniform_tables("zero-flags-hd");
  const network::Traces traces = small_traces(1);
  const std::vector<LayerCost> costs = layer_costs(tables, {16, 16, 8, 8, 20}, traces, 1);
  for (const LayerCost& cost : costs) {
    EXPECT_NEAR(cost.errors.layer.tables, 8.0 / 80 / 100, 1e-6);
  }
}

TEST(LayerErrors, TakeTheHeldOutLayersForTheModel_AndAddUpInSquares) {
  EnergyTables tables = uniform_tables("operands-hd");
  tables.held_out = {{"a", 0.03}, {"b", -0.04}, {"c", 0}, {"d", 0}};
  const network::Traces traces = small_traces(2);
  const LayerCost cost = layer_costs(tables, {16, 16, 8, 8, 20}, traces, 1).at(0);
  const LayerError& error = cost.errors.layer;
  EXPECT_NEAR(error.model, 0.025, kExact);
  EXPECT_DOUBLE_EQ(error.total(), std::hypot(error.model, error.tables, error.sampling));
  EXPECT_GT(error.tables, 0);
}

TEST(LayerCost, OfGatedZeroWeights_IsThatOfActivationsThatStayZero) {
  const array::ArrayShape shape{16, 16, 8, 8, 20};
  const EnergyTables tables = numbered_tables("operands-zero-in-out", {8, 20, false});
  const network::Traces traces = small_traces(3);
  config::HardwareConfig::Gating gating;
  gating.zero_weight = true;
  const LayerCost open = layer_costs(tables, shape, traces, 1).at(0);
  const LayerCost gated = layer_costs(tables, shape, traces, 1, gating).at(0);
  // The same layer without any activation, at the partial sums of the samples: all rows are at
  // rest.
  network::Traces silent = traces;
  for (network::TracedLayer& layer : silent.layers) {
    std::fill(layer.ifmaps.begin(), layer.ifmaps.end(), std::int8_t{0});
  }
  const LayerCost rest = layer_costs(tables, shape, silent, 1).at(0);
  // Nothing enters the first row from above, in both.
  EXPECT_FLOAT_EQ(gated.row_energy_fj[weight_index(0)], rest.row_energy_fj[weight_index(0)]);
  EXPECT_NE(gated.energy_of(0), open.energy_of(0));
  for (const int weight : {-128, -1, 1, 90}) {
    EXPECT_EQ(gated.energy_of(weight), open.energy_of(weight));
  }
}

}  // namespace
}  // namespace togglewise::energy
