// Fidelities `table` and `layer`: energies from calibrated tables and a layer's transition counts.
#pragma once

#include "sim/energy/energy_breakdown.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/layer_cost.h"

namespace togglewise::energy {

// Σ over weights and cells of count · T[w][cell], sum over all images. Components are split by the
// shares that calibration measured for each weight value.
EnergyBreakdown table_energy(const EnergyTables& tables, const TransitionHistogram& histogram);

// The same with every PE at its layer's average transition: Σ_w PEs(w) · transitions · E_l(w).
// `transitions_per_pe` counts all images. Idle PEs are looked up as in table_energy.
EnergyBreakdown layer_average_energy(const EnergyTables& tables,
                                     const TransitionHistogram& histogram,
                                     double transitions_per_pe);

// What a layer-agnostic model says: Σ_w PEs(w) · transitions · E(w), MAC dynamic only.
double layer_agnostic_energy_fj(const EnergyTables& tables, const TransitionHistogram& histogram,
                                double transitions_per_pe);

}  // namespace togglewise::energy
