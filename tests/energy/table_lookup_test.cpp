#include "sim/energy/table_lookup.h"

#include <cmath>

#include <gtest/gtest.h>

#include "sim/array/tile_streams.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

// Tables whose entries are all different.
EnergyTables numbered_tables(const std::string& grouping) {
  EnergyTables tables;
  tables.grouping = make_grouping(grouping, {8, 20, false});
  float value = 0;
  for (const auto& part : tables.grouping->parts()) {
    TablePart values;
    for (std::size_t i = 0; i < kWeightValues * part->cells(); ++i) {
      value += 0.25F;
      values.energy_fj.push_back(std::fmod(value, 977.0F) - 100.0F);
    }
    tables.parts.push_back(values);
  }
  return tables;
}

// Straight from the definition, transition by transition.
TableTally expected_tally(const EnergyTables& tables, const array::ArrayShape& shape,
                          const array::TileStreams& tile) {
  TableTally tally;
  const auto units = [&](int weight, const Transition& transition) {
    return std::llround(tables.transition_fj(weight, transition) * kUnitsPerFj);
  };
  for (std::size_t t = 0; t + 1 < tile.cycles; ++t) {
    for (int r = 0; r < tile.used_rows; ++r) {
      const std::int8_t* a = tile.row(r);
      tally.idle_columns +=
          (shape.columns - tile.used_columns) * units(0, {a[t], a[t + 1], 0, 0, 0, 0});
    }
    for (int c = 0; c < tile.used_columns; ++c) {
      std::int32_t p0 = 0;
      std::int32_t p1 = 0;
      for (int r = 0; r < tile.used_rows; ++r) {
        const std::int8_t* a = tile.row(r);
        const int weight = tile.weight(r, c);
        const std::int32_t q0 = p0 + weight * a[t];
        const std::int32_t q1 = p1 + weight * a[t + 1];
        tally.active[weight_index(weight)] += units(weight, {a[t], a[t + 1], p0, p1, q0, q1});
        ++tally.active_transitions[weight_index(weight)];
        p0 = q0;
        p1 = q1;
      }
      tally.idle_rows += (shape.rows - tile.used_rows) * units(0, {0, 0, p0, p1, p0, p1});
    }
  }
  return tally;
}

TEST(TableLookup, LooksUpEveryTransitionOfEveryPe) {
  const network::Traces traces = small_traces(2);
  const array::ArrayShape shape{16, 16, 8, 8, 20};
  for (const std::string& name : grouping_names()) {
    const EnergyTables tables = numbered_tables(name);
    const TableLookup lookup(tables);
    for (const network::TracedLayer& traced : traces.layers) {
      const auto activations =
          array::lower_activations(traced.layer, traced.ifmaps.data(), traced.images, 1);
      for (const network::TileRange& range : network::tiles_of(traced.layer.gemm(), 16, 16)) {
        const array::TileStreams tile = array::tile_streams(traced.layer, activations, range);
        TableTally tally;
        lookup.add(shape, tile, tally);
        const TableTally expected = expected_tally(tables, shape, tile);
        EXPECT_EQ(tally.active, expected.active) << name;
        EXPECT_EQ(tally.active_transitions, expected.active_transitions) << name;
        EXPECT_EQ(tally.idle_columns, expected.idle_columns) << name;
        EXPECT_EQ(tally.idle_rows, expected.idle_rows) << name;
        TableTally idle;
        lookup.add_idle(shape, tile, idle);
        EXPECT_EQ(idle.idle_columns, expected.idle_columns) << name;
        EXPECT_EQ(idle.idle_rows, expected.idle_rows) << name;
      }
    }
  }
}

}  // namespace
}  // namespace togglewise::energy
