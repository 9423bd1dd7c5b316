// What the MACs of a layer cost, divided into actions: per weight value, or per weight and cell.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/layer_cost.h"
#include "sim/energy/network_energy.h"
#include "sim/energy/table_lookup.h"
#include "sim/network/traces.h"

namespace togglewise::accelergy {

// All images together. A transition is one cycle of one PE that holds a weight of the layer.
struct ComputeEnergy {
  int weight = 0;
  std::uint64_t transitions = 0;
  double energy_fj = 0;  // of one transition, the mean
};

// The weight values of a layer, each at the rows where the layer has it. At fidelity `table` every
// transition is looked up; at fidelity `layer` `cost` says what it is on average in a row, and
// `lookup` is not used.
std::vector<ComputeEnergy> compute_energies(energy::Fidelity fidelity,
                                            const energy::TableLookup& lookup,
                                            const energy::LayerCost& cost,
                                            const array::ArrayShape& shape,
                                            const network::TracedLayer& traced, int batch_size,
                                            int threads);

struct CellCount {
  int weight = 0;
  std::size_t cell = 0;
  std::uint64_t transitions = 0;
};

// How often each cell of each weight occurs, by weight and cell; cells that do not occur are left
// out. The grouping has one part.
std::vector<CellCount> cell_counts(const energy::EnergyTables& tables,
                                   const array::ArrayShape& shape,
                                   const network::TracedLayer& traced, int batch_size, int threads);

}  // namespace togglewise::accelergy
