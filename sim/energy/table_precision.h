// How well energy tables are known: standard errors of E(w) and of cells, and which are sparse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/energy/energy_tables.h"

namespace togglewise::energy {

// Standard error of a cell's energy: the weight's spread inside cells over the root of the cell's
// samples, those of the covering stream included. Infinite for a cell that no sample reached.
double cell_standard_error_fj(const EnergyTables& tables, std::size_t part, int weight,
                              std::size_t cell);

// Whether the standard error is above TablePrecision::cell of E(w): such an entry is what its prior
// says rather than what was measured. True for every cell of a weight without samples.
bool is_sparse(const EnergyTables& tables, std::size_t part, int weight, std::size_t cell);

// Cells of the weights that have samples.
struct PartCells {
  std::uint64_t cells = 0;
  std::uint64_t populated = 0;  // by real operands
  std::uint64_t sparse = 0;     // among `cells`
  // Share of the real transitions that lie in sparse cells, over all weights.
  double transitions_in_sparse_cells = 0;
};
PartCells count_cells(const EnergyTables& tables, std::size_t part);

// Why a weight value did not reach the precision that was asked for, for people; "" where it did.
std::string precision_shortfall(const EnergyTables& tables, int weight);

// Values that `weight_bits` can hold and that have no samples: their entries are not measured.
// Values beyond weight_bits are none of them.
std::vector<int> weights_without_samples(const EnergyTables& tables);

// Rounds every entry to a multiple of a power of two that is at most an eighth of its standard
// error: what is rounded off says nothing, and the file becomes a fraction of its size.
void round_to_significance(EnergyTables& tables);

}  // namespace togglewise::energy
