#include "sim/mapping/tile_model.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/energy/numbered_tables.h"

namespace togglewise::mapping {
namespace {

using energy::EnergyTables;
using energy::TableLookup;
using energy::TableTally;

struct Chosen {
  std::vector<std::uint16_t> order;
  std::vector<int> signs;
};

Chosen random_choice(const TileModel& model, Random& random) {
  Chosen chosen;
  chosen.order.resize(static_cast<std::size_t>(model.rows()));
  std::iota(chosen.order.begin(), chosen.order.end(), std::uint16_t{0});
  for (std::size_t i = chosen.order.size(); i > 1; --i) {
    std::swap(chosen.order[i - 1], chosen.order[random.below(i)]);
  }
  for (int c = 0; c < model.columns(); ++c) {
    chosen.signs.push_back(model.can_negate(c) && random.below(2) == 0 ? -1 : 1);
  }
  return chosen;
}

// The tile as an array would hold it.
array::TileStreams laid_out(const array::TileStreams& streams, const Chosen& chosen) {
  array::TileStreams mapped = streams;
  mapped.weights.clear();
  mapped.activations.clear();
  for (const std::uint16_t row : chosen.order) {
    for (int c = 0; c < streams.used_columns; ++c) {
      const int weight = chosen.signs[static_cast<std::size_t>(c)] * streams.weight(row, c);
      mapped.weights.push_back(static_cast<std::int8_t>(weight));
    }
    mapped.activations.insert(mapped.activations.end(), streams.row(row),
                              streams.row(row) + streams.cycles);
  }
  return mapped;
}

std::int64_t looked_up(const TableLookup& lookup, const array::ArrayShape& shape,
                       const array::TileStreams& streams) {
  TableTally tally;
  lookup.add(shape, streams, tally);
  return std::accumulate(tally.active.begin(), tally.active.end(), std::int64_t{0});
}

class TileModelOfGrouping : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Groupings, TileModelOfGrouping,
                         testing::Values("operands-zero-in-out", "msb-hd", "operands-hd"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(TileModelOfGrouping, CostsWhatTheTablesSayOfTheTileAsItLies) {
  Random random(3);
  const array::ArrayShape shape = array::shape_of(12, 6);
  const EnergyTables tables =
      energy::numbered_tables(GetParam(), {8, shape.partial_sum_bits, true});
  const TableLookup lookup(tables);
  for (int trial = 0; trial < 6; ++trial) {
    array::TileStreams streams =
        energy::random_streams(shape, random.between(5, 300), true, random);
    streams.partial_sum_offset = random.between(0, 5000);
    const TileModel model(lookup, streams);
    const Chosen chosen = random_choice(model, random);
    EXPECT_EQ(model.units(chosen.order, chosen.signs),
              looked_up(lookup, shape, laid_out(streams, chosen)));
  }
}

TEST_P(TileModelOfGrouping, ExchangingRows_SavesWhatItSays) {
  Random random(4);
  const array::ArrayShape shape = array::shape_of(10, 5);
  const EnergyTables tables =
      energy::numbered_tables(GetParam(), {8, shape.partial_sum_bits, true});
  const TableLookup lookup(tables);
  for (int trial = 0; trial < 4; ++trial) {
    const array::TileStreams streams = energy::random_streams(shape, 150, true, random);
    const TileModel model(lookup, streams);
    Chosen chosen = random_choice(model, random);
    const std::int64_t before = model.units(chosen.order, chosen.signs);
    const std::int64_t saved = model.exchange_neighbours(chosen.signs, 10, chosen.order);
    EXPECT_GE(saved, 0);
    EXPECT_EQ(model.units(chosen.order, chosen.signs), before - saved);
    std::vector<std::uint16_t> sorted = chosen.order;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) EXPECT_EQ(sorted[i], i);
  }
}

TEST(TileModel, CannotNegateAColumnThatHoldsTheLowestWeight) {
  const array::ArrayShape shape = array::shape_of(2, 2);
  const EnergyTables tables =
      energy::numbered_tables("operands-hd", {8, shape.partial_sum_bits, false});
  const TableLookup lookup(tables);
  array::TileOperands tile;
  tile.used_rows = 2;
  tile.used_columns = 2;
  tile.stream_length = 1;
  tile.weights = {127, 1, 0, -128};
  tile.activations = {1, 2};
  const array::TileStreams streams = array::to_streams(tile);
  const TileModel model(lookup, streams);
  EXPECT_TRUE(model.can_negate(0));
  EXPECT_FALSE(model.can_negate(1));
}

}  // namespace
}  // namespace togglewise::mapping
