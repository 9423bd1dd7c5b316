// Fidelities `table` and `layer`: a layer's breakdown from looked-up energies.
#pragma once

#include "sim/energy/energy_breakdown.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/layer_cost.h"
#include "sim/energy/table_lookup.h"
#include "sim/gate/component_energies.h"

namespace togglewise::energy {

// Sum over all images. Components are split by the shares that calibration measured for each weight
// value.
EnergyBreakdown table_energy(const EnergyTables& tables, const TableTally& tally);

// Units of a tally of PEs with a weight of 0, split in the same way.
gate::ComponentEnergies zero_weight_energy(const EnergyTables& tables, std::int64_t units);

// MAC dynamic energy of all images of a layer, with every PE at its row's average transition.
EnergyBreakdown layer_average_energy(const EnergyTables& tables, const LayerCost& cost,
                                     const network::GemmLayer& layer, double transitions_per_pe);

// What a layer-agnostic model says: Σ_w PEs(w) · transitions · E(w), MAC dynamic only.
double layer_agnostic_energy_fj(const EnergyTables& tables, const network::GemmLayer& layer,
                                double transitions_per_pe);

}  // namespace togglewise::energy
