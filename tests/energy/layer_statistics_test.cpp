#include "sim/energy/layer_statistics.h"

#include <cmath>

#include <gtest/gtest.h>

#include "sim/energy/layer_cost.h"
#include "sim/energy/layer_error.h"
#include "sim/energy/row_samples.h"
#include "tests/array/vector_targets.h"
#include "tests/energy/numbered_tables.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

const array::ArrayShape kShape{6, 5, 8, 8, 20};

network::TileRange whole(const array::TileStreams& tile) {
  network::TileRange range;
  range.row_end = tile.used_rows;
  range.column_end = tile.used_columns;
  return range;
}

LayerStatistics statistics_of(const TableLookup& lookup, const array::TileStreams& tile) {
  LayerStatistics statistics(static_cast<std::size_t>(tile.used_rows));
  add_statistics(lookup, network::natural_tile(whole(tile)), tile.used_rows, tile, statistics);
  return statistics;
}

// Σ over all transitions of a row and all columns, with this weight in the row, in units.
double sum_of_row(const EnergyTables& tables, const array::TileStreams& tile, int row, int weight) {
  double sum = 0;
  for (int c = 0; c < tile.used_columns; ++c) {
    for (std::size_t t = 0; t + 1 < tile.cycles; ++t) {
      std::int32_t p0 = 0;
      std::int32_t p1 = 0;
      for (int r = 0; r < row; ++r) {
        p0 += tile.weight(r, c) * tile.row(r)[t];
        p1 += tile.weight(r, c) * tile.row(r)[t + 1];
      }
      const int a0 = tile.row(row)[t];
      const int a1 = tile.row(row)[t + 1];
      sum += tables.transition_fj(weight, {a0, a1, p0, p1, p0 + weight * a0, p1 + weight * a1});
    }
  }
  return sum * kUnitsPerFj;
}

void expect_definition(const TableLookup& lookup, const array::TileStreams& tile) {
  const LayerStatistics statistics = statistics_of(lookup, tile);
  const auto columns = static_cast<std::int64_t>(tile.used_columns);
  for (int r = 0; r < tile.used_rows; ++r) {
    const auto row = static_cast<std::size_t>(r);
    EXPECT_EQ(statistics.transitions[row], tile.transitions_per_pe());
    for (const int weight : {-128, -77, -16, -15, -1, 0, 1, 15, 16, 100, 127}) {
      const std::size_t i = row * kWeightValues + weight_index(weight);
      EXPECT_EQ(static_cast<double>(statistics.exact[i] * columns + statistics.sampled[i]),
                sum_of_row(lookup.tables(), tile, r, weight))
          << "row " << r << " weight " << weight;
    }
  }
}

TEST(LayerStatistics, EqualTheDefinition_WhenEveryTransitionIsSampled_WithEveryInstructionSet) {
  for (const std::string& name : grouping_names()) {
    SCOPED_TRACE(name);
    const EnergyTables tables = numbered_tables(name, {8, 20, false});
    const TableLookup lookup(tables);
    const auto names = array::with_every_vector_target([&] {
      Random random(7);
      for (const int length : {1, 17, 100}) {
        expect_definition(lookup, random_streams(kShape, length, false, random));
      }
    });
    EXPECT_GE(names.size(), 2U);
  }
}

TEST(LayerStatistics, EqualTheDefinition_ForNegativeActivationsAndOtherWidths) {
  Random random(8);
  for (const std::string& name : grouping_names()) {
    SCOPED_TRACE(name);
    const EnergyTables tables = numbered_tables(name, {5, 32, true});
    expect_definition(TableLookup(tables), random_streams({5, 3, 8, 5, 32}, 99, true, random));
  }
}

TEST(LayerStatistics, CountPairsExactly_WhenStreamsAreLongerThanACounterHolds) {
  Random random(9);
  const EnergyTables tables = numbered_tables("operands-hd", {8, 20, false});
  const TableLookup lookup(tables);
  array::TileStreams tile = random_streams({1, 1, 8, 8, 20}, 70000, false, random);
  for (std::size_t t = 1; t < 40000; ++t) tile.activations[t] = 3;  // one pair, 40000 times
  const LayerStatistics statistics = statistics_of(lookup, tile);
  for (const int weight : {-128, 5, 127}) {
    std::int64_t expected = 0;
    for (std::size_t t = 0; t + 1 < tile.cycles; ++t) {
      expected += lookup.of_weight(0, weight)[tables.grouping->parts()[0]->activation_group(
          tile.row(0)[t], tile.row(0)[t + 1])];
    }
    EXPECT_EQ(statistics.exact[weight_index(weight)], expected);
  }
}

TEST(LayerStatistics, DoNotDependOnThreads) {
  const network::Traces traces = small_traces(40);
  const EnergyTables tables = numbered_tables("operands-in-out", {8, 20, false});
  const TableLookup lookup(tables);
  for (const network::TracedLayer& layer : traces.layers) {
    const LayerStatistics one = layer_statistics(lookup, {16, 16, 8, 8, 20}, layer, 1, 1);
    const LayerStatistics three = layer_statistics(lookup, {16, 16, 8, 8, 20}, layer, 1, 3);
    EXPECT_EQ(one.exact, three.exact);
    EXPECT_EQ(one.sampled, three.sampled);
    EXPECT_EQ(one.replicates, three.replicates);
  }
}

// Of many tiles, deviations in units of the standard error that the replicates tell have a mean
// square of 7/5: that of Student's t with the seven degrees of freedom of eight replicates.
TEST(LayerStatistics, TellHowFarOffSamplesAre) {
  const EnergyTables tables = numbered_tables("operands-signs-hd-sum", {8, 20, false});
  const TableLookup lookup(tables);
  network::GemmLayer layer;
  layer.weights = {37};
  Random random(10);
  double square = 0;
  constexpr int kTrials = 40;
  for (int trial = 0; trial < kTrials; ++trial) {
    const array::TileStreams tile = random_streams(kShape, 2000, false, random);
    const LayerStatistics statistics = statistics_of(lookup, tile);
    ASSERT_EQ(statistics.samples, kSamplesPerTile * static_cast<std::size_t>(tile.used_rows));
    double truth = 0;
    double found = 0;
    for (int r = 0; r < tile.used_rows; ++r) {
      truth += sum_of_row(tables, tile, r, 37) / tile.used_columns /
               static_cast<double>(tile.transitions_per_pe());
      found += statistics.energy_fj(static_cast<std::size_t>(r), 37) * kUnitsPerFj;
    }
    square +=
        std::pow((found / truth - 1) / layer_errors(tables, layer, statistics).layer.sampling, 2);
  }
  EXPECT_GT(square / kTrials, 0.6);
  EXPECT_LT(square / kTrials, 2.8);
}

}  // namespace
}  // namespace togglewise::energy
