// Fidelity `table`: every transition of a tile looked up in the tables.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/energy_tables.h"

namespace togglewise::energy {

// Sums in whole units of 2^-10 fJ: the same in any order.
constexpr double kUnitsPerFj = 1024.0;

struct TableTally {
  std::array<std::int64_t, kWeightValues> active{};  // PEs that hold this weight of the layer
  std::int64_t idle_columns = 0;                     // PEs right of the used columns
  std::int64_t idle_rows = 0;                        // PEs below the used rows
  std::array<std::uint64_t, kWeightValues> active_transitions{};

  TableTally& operator+=(const TableTally& other);
};

// The tables in the form in which they are looked up. Immutable: safe from several threads.
class TableLookup {
 public:
  explicit TableLookup(const EnergyTables& tables);

  const EnergyTables& tables() const { return tables_; }
  // [cell] of one part and weight, in units of 2^-10 fJ.
  const std::int32_t* of_weight(std::size_t part, int weight) const {
    return units_[part].data() + weight_index(weight) * tables_.grouping->parts()[part]->cells();
  }

  // Adds every transition of a tile on an array of `shape`. Activations must lie within what the
  // grouping was made for (require_activations).
  void add(const array::ArrayShape& shape, const array::TileStreams& streams,
           TableTally& tally) const;
  // The same for its idle PEs alone.
  void add_idle(const array::ArrayShape& shape, const array::TileStreams& streams,
                TableTally& tally) const;

 private:
  const EnergyTables& tables_;
  std::vector<std::vector<std::int32_t>> units_;  // [part][256 · cells]
};

}  // namespace togglewise::energy
