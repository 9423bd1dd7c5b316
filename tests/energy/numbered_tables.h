// Tables and tiles that show which entry was looked up.
#pragma once

#include <cmath>
#include <string>

#include "sim/array/tile_streams.h"
#include "sim/base/random.h"
#include "sim/energy/energy_tables.h"
#include "tests/array/random_tile.h"

namespace togglewise::energy {

// Tables whose entries differ, in quarters of a femtojoule.
inline EnergyTables numbered_tables(const std::string& grouping, const OperandWidths& widths) {
  EnergyTables tables;
  tables.grouping = make_grouping(grouping, widths);
  float value = 0;
  for (const auto& part : tables.grouping->parts()) {
    TablePart values;
    for (std::size_t i = 0; i < kWeightValues * part->cells(); ++i) {
      value += 0.25F;
      values.energy_fj.push_back(std::fmod(value, 977.0F) - 100.0F);
    }
    values.samples.assign(values.energy_fj.size(), 1);
    tables.parts.push_back(values);
  }
  return tables;
}

// Half of the activations are zero, some of the weights small.
inline array::TileStreams random_streams(const array::ArrayShape& shape, int length, bool negative,
                                         Random& random) {
  array::TileOperands tile = array::random_tile(random.between(1, shape.rows),
                                                random.between(1, shape.columns), length, random);
  const int highest = (1 << (shape.activation_bits - 1)) - 1;
  for (std::int8_t& a : tile.activations) {
    a = static_cast<std::int8_t>(random.between(negative ? -highest - 1 : 0, highest));
    if (random.below(2) == 0) a = 0;
  }
  for (std::int8_t& weight : tile.weights) {
    if (random.below(4) == 0) weight = static_cast<std::int8_t>(random.between(-1, 1));
  }
  return array::to_streams(tile);
}

}  // namespace togglewise::energy
