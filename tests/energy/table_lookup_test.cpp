#include "sim/energy/table_lookup.h"

#include <cmath>

#include <gtest/gtest.h>

#include "sim/array/tile_streams.h"
#include "sim/base/random.h"
#include "tests/array/random_tile.h"
#include "tests/array/vector_targets.h"
#include "tests/energy/numbered_tables.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

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

void expect_equal(const TableTally& tally, const TableTally& expected) {
  EXPECT_EQ(tally.active, expected.active);
  EXPECT_EQ(tally.active_transitions, expected.active_transitions);
  EXPECT_EQ(tally.idle_columns, expected.idle_columns);
  EXPECT_EQ(tally.idle_rows, expected.idle_rows);
}

void expect_definition(const EnergyTables& tables, const array::ArrayShape& shape,
                       const array::TileStreams& tile, int threads = 1) {
  const TableLookup lookup(tables);
  const TableTally expected = expected_tally(tables, shape, tile);
  TableTally tally;
  lookup.add(shape, tile, tally, threads);
  expect_equal(tally, expected);
  TableTally idle;
  lookup.add_idle(shape, tile, idle, threads);
  EXPECT_EQ(idle.idle_columns, expected.idle_columns);
  EXPECT_EQ(idle.idle_rows, expected.idle_rows);
  EXPECT_EQ(idle.active, TableTally().active);
}

TEST(TableLookup, EqualsTheDefinition_AtEveryLengthAroundAVector_WithEveryInstructionSet) {
  const array::ArrayShape shape{5, 4, 8, 5, 18};
  for (const std::string& name : grouping_names()) {
    SCOPED_TRACE(name);
    const EnergyTables tables = numbered_tables(name, {5, 18, true});
    const auto names = array::with_every_vector_target([&] {
      Random random(3);
      for (const int length : {1, 2, 3, 6, 7, 14, 15, 16, 17, 31, 32, 33}) {
        SCOPED_TRACE(length);
        expect_definition(tables, shape, random_streams(shape, length, true, random));
      }
    });
    EXPECT_GE(names.size(), 2U);
  }
}

TEST(TableLookup, EqualsTheDefinition_WhenStreamsAreLongerThanABlock) {
  Random random(4);
  for (const std::string& name : grouping_names()) {
    SCOPED_TRACE(name);
    const EnergyTables tables = numbered_tables(name, {8, 20, false});
    const array::ArrayShape shape{6, 5, 8, 8, 20};
    for (const int length : {1022, 1023, 2500}) {
      const array::TileStreams tile = random_streams(shape, length, false, random);
      for (const int threads : {1, 3}) expect_definition(tables, shape, tile, threads);
    }
  }
}

TEST(TableLookup, EqualsTheDefinition_ForNegativeActivationsAndOtherWidths) {
  Random random(5);
  for (const OperandWidths& widths :
       {OperandWidths{8, 22, true}, OperandWidths{4, 12, true}, OperandWidths{5, 32, false}}) {
    for (const std::string& name : grouping_names()) {
      // Tables of all pairs of 8 bits are large: of one grouping.
      if (widths.activation_bits == 8 && name != "operands-in-out") continue;
      SCOPED_TRACE(name);
      const EnergyTables tables = numbered_tables(name, widths);
      const array::ArrayShape shape{4, 4, 8, widths.activation_bits, widths.partial_sum_bits};
      expect_definition(tables, shape,
                        random_streams(shape, 150, widths.negative_activations, random));
    }
  }
}

// Sums of a lane go beyond 32 bits.
TEST(TableLookup, DoesNotOverflow_WhenEnergiesAreAsLargeAsTheyCanBe) {
  for (const float energy_fj : {2.0e6F, -2.0e6F}) {
    EnergyTables tables;
    tables.grouping = make_grouping("operands-in-out", {8, 20, false});
    for (const auto& part : tables.grouping->parts()) {
      tables.parts.emplace_back();
      tables.parts.back().energy_fj.assign(kWeightValues * part->cells(), energy_fj);
    }
    Random random(6);
    const array::ArrayShape shape{3, 3, 8, 8, 20};
    expect_definition(tables, shape, random_streams(shape, 3000, false, random));
  }
}

TEST(TableLookup, LooksUpEveryTransitionOfEveryPe) {
  const network::Traces traces = small_traces(2);
  const array::ArrayShape shape{16, 16, 8, 8, 20};
  for (const std::string& name : grouping_names()) {
    SCOPED_TRACE(name);
    const EnergyTables tables = numbered_tables(name, {8, 20, false});
    for (const network::TracedLayer& traced : traces.layers) {
      const auto activations =
          array::lower_activations(traced.layer, traced.ifmaps.data(), traced.images, 1);
      for (const network::TileRange& range : network::tiles_of(traced.layer.gemm(), 16, 16)) {
        expect_definition(tables, shape, array::tile_streams(traced.layer, activations, range));
      }
    }
  }
}

}  // namespace
}  // namespace togglewise::energy
