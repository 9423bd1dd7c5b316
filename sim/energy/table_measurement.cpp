#include "sim/energy/table_measurement.h"

namespace togglewise::energy {
namespace {

void add_weight_energy(const EnergyTables& tables, std::size_t w, double energy_fj,
                       EnergyBreakdown& breakdown) {
  const auto& share = tables.weights[w].share;
  breakdown.multiplier_fj += energy_fj * share[0];
  breakdown.adder_fj += energy_fj * share[1];
  breakdown.partial_sum_register_fj += energy_fj * share[2];
  breakdown.activation_register_fj += energy_fj * share[3];
  breakdown.pin_loads_fj += energy_fj * share[4];
}

double looked_up(const double* table_fj, const std::uint64_t* count, std::size_t cells) {
  double sum = 0;
  for (std::size_t k = 0; k < cells; ++k) sum += static_cast<double>(count[k]) * table_fj[k];
  return sum;
}

void add_idle_energy(const EnergyTables& tables, const TransitionHistogram& histogram,
                     EnergyBreakdown& breakdown) {
  const double* zero_weight = tables.of_weight(0);
  breakdown.idle_columns_fj = looked_up(zero_weight, histogram.idle_columns.data(), tables.cells());
  breakdown.idle_rows_fj = looked_up(zero_weight, histogram.idle_rows.data(), tables.cells());
}

}  // namespace

EnergyBreakdown table_energy(const EnergyTables& tables, const TransitionHistogram& histogram) {
  EnergyBreakdown breakdown;
  const std::size_t cells = tables.cells();
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    const double energy_fj =
        looked_up(tables.energy_fj.data() + w * cells, histogram.active.data() + w * cells, cells);
    add_weight_energy(tables, w, energy_fj, breakdown);
  }
  add_idle_energy(tables, histogram, breakdown);
  return breakdown;
}

EnergyBreakdown layer_average_energy(const EnergyTables& tables,
                                     const TransitionHistogram& histogram,
                                     double transitions_per_pe) {
  EnergyBreakdown breakdown;
  const LayerCost cost = layer_cost("", tables, histogram, transitions_per_pe);
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    const auto pes = static_cast<double>(histogram.active_pes[w]);
    add_weight_energy(tables, w, pes * transitions_per_pe * cost.energy_fj[w], breakdown);
  }
  add_idle_energy(tables, histogram, breakdown);
  return breakdown;
}

double layer_agnostic_energy_fj(const EnergyTables& tables, const TransitionHistogram& histogram,
                                double transitions_per_pe) {
  double sum = 0;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    sum += static_cast<double>(histogram.active_pes[w]) * tables.weights[w].mean_fj;
  }
  return sum * transitions_per_pe;
}

}  // namespace togglewise::energy
