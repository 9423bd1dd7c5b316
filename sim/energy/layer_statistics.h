// Fidelity `layer`: what a layer's own operands make of the tables, without its weights.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/table_lookup.h"
#include "sim/network/tiling.h"

namespace togglewise::energy {

// Sampled transitions belong in turn to so many groups, whose means tell how far the mean of all is
// off.
constexpr std::size_t kReplicates = 8;

// Per row k of the GEMM's reduction (groups · K of them) and weight value v: Σ of the energy that a
// PE with weight v in that row would have had. Entries by activations alone are summed over all
// transitions of the row; entries that depend on partial sums over samples of them, a few per tile
// column and batch, scaled to what they stand for. Integers: the same in any order.
struct LayerStatistics {
  explicit LayerStatistics(std::size_t rows);

  std::vector<std::int64_t> exact;         // [row][256], units of 2^-10 fJ
  std::vector<std::int64_t> sampled;       // [row][256]
  std::vector<std::uint64_t> transitions;  // [row], summed in `exact`
  std::vector<std::uint64_t> represented;  // [row], that those summed in `sampled` stand for
  // The same two sums of a weight of zero whose multiplier no activation reaches: [row].
  std::vector<std::int64_t> quiet_exact;
  std::vector<std::int64_t> quiet_sampled;
  std::uint64_t samples = 0;  // that were looked up, of all rows
  // Of all rows, summed over the samples of one group and scaled to what they stand for.
  std::vector<std::int64_t> replicates;             // [kReplicates][256]
  std::vector<std::uint64_t> replicates_represent;  // [kReplicates]
  std::vector<std::uint64_t> pairs;                 // by activation_pair: transitions of all rows

  std::size_t rows() const { return transitions.size(); }
  // E[k][v] in femtojoules per transition; 0 for rows that were never added.
  double energy_fj(std::size_t row, int weight) const;
  // E[k][0] where hardware keeps activations from the multipliers of zero weights.
  double quiet_energy_fj(std::size_t row) const;
  LayerStatistics& operator+=(const LayerStatistics& other);
};

// Adds a tile of a layer whose groups have `reduction` rows each. In columns that the array holds
// negated, the weight values are those that it holds.
void add_statistics(const TableLookup& lookup, const network::MappedTile& tile, int reduction,
                    const array::TileStreams& streams, LayerStatistics& statistics);

}  // namespace togglewise::energy
