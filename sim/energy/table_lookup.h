// Fidelity `table`: every transition of a tile looked up in the tables.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/cell_major_table.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/table_kernels.h"

namespace togglewise::energy {

// Sums in whole units of 2^-10 fJ: the same in any order.
constexpr double kUnitsPerFj = 1024.0;

struct TableTally {
  std::array<std::int64_t, kWeightValues> active{};  // PEs that hold this weight of the layer
  std::int64_t idle_columns = 0;                     // PEs right of the used columns
  std::int64_t idle_rows = 0;                        // PEs below the used rows
  std::array<std::uint64_t, kWeightValues> active_transitions{};
  // For gating: active PEs with a weight of 0, as they are and as if no activation reached them,
  // and the PEs right beside the used columns.
  std::int64_t zero_weight = 0;
  std::int64_t zero_weight_quiet = 0;
  std::int64_t first_idle_column = 0;

  TableTally& operator+=(const TableTally& other);
};

// The tables in the form in which they are looked up. Immutable: safe from several threads.
class TableLookup {
 public:
  // With `for_gating` the sums for gating are made as well.
  explicit TableLookup(const EnergyTables& tables, bool for_gating = false);

  bool for_gating() const { return for_gating_; }

  const EnergyTables& tables() const { return tables_; }
  // [cell] of one part and weight, in units of 2^-10 fJ.
  const std::int32_t* of_weight(std::size_t part, int weight) const {
    return units_[part].data() + weight_index(weight) * tables_.grouping->parts()[part]->cells();
  }

  // activation_group(a0, a1) · partial_sum_groups() of a part, by activation_pair(a0, a1).
  const std::uint32_t* activation_cells(std::size_t part) const {
    return activation_cells_[part].data();
  }
  // How a part's codes are computed with vector instructions, where they can be.
  const std::optional<BoundaryRecipes>& recipes(std::size_t part) const { return recipes_[part]; }

  // of_weight turned round; made when it is first asked for.
  const CellMajorTable& by_cell(std::size_t part) const;

  // Adds every transition of a tile on an array of `shape`, on at most `threads` threads.
  // Activations must lie within what the grouping was made for.
  void add(const array::ArrayShape& shape, const array::TileStreams& streams, TableTally& tally,
           int threads = 1) const;
  // The same for its idle PEs alone.
  void add_idle(const array::ArrayShape& shape, const array::TileStreams& streams,
                TableTally& tally, int threads = 1) const;

 private:
  struct LazyTable {
    std::once_flag once;
    std::unique_ptr<const CellMajorTable> table;
  };
  bool for_gating_ = false;
  const EnergyTables& tables_;
  std::vector<std::vector<std::int32_t>> units_;              // [part][256 · cells]
  std::vector<std::vector<std::uint32_t>> activation_cells_;  // [part][pair]
  std::vector<std::optional<BoundaryRecipes>> recipes_;       // [part]
  std::vector<std::unique_ptr<LazyTable>> by_cell_;           // [part]
};

}  // namespace togglewise::energy
