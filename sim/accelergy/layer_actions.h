// Everything that costs energy in a layer as actions of components: energies and counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/accelergy/architecture.h"
#include "sim/accelergy/compute_energies.h"
#include "sim/accelergy/reference_table.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/network_energy.h"

namespace togglewise::accelergy {

// An entry of the ERT, and how often it happens; without a count it is there to be looked up.
struct CountedAction {
  std::string component;
  ActionEnergy action;
  std::optional<std::uint64_t> count;
};

// `compute` by weight value and layer, and E_l(w) of every weight value as `compute_any_row`.
std::vector<CountedAction> compute_actions(const std::string& mac, const std::string& group,
                                           const std::vector<ComputeEnergy>& energies,
                                           const energy::LayerCost& cost, int weight_bits);

// `compute` by weight value and cell of the tables' only part.
std::vector<CountedAction> cell_actions(const std::string& mac, const energy::TableLookup& lookup,
                                        const std::vector<CellCount>& counts);

// All but `compute`: idle PEs, weight loads, accumulators, registers, cycles, memories; sums over
// `images` images as `layer` has them.
std::vector<CountedAction> other_actions(const ComponentNames& names, const std::string& group,
                                         const energy::MacHardware& hardware,
                                         const energy::LayerEnergy& layer, int images,
                                         int batch_size);

// The mean energy of one multiplication, for tools that know of one energy only.
CountedAction mean_compute(const std::string& mac, double energy_pj);

// Actions with equal names and arguments become one: their counts are added, their energies are the
// same. In the order of first occurrence.
ReferenceTable table_of(const std::vector<CountedAction>& actions);
ActionCounts counts_of(const std::vector<CountedAction>& actions);

}  // namespace togglewise::accelergy
