#include "sim/energy/table_measurement.h"

#include <array>

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

}  // namespace

EnergyBreakdown table_energy(const EnergyTables& tables, const TableTally& tally) {
  EnergyBreakdown breakdown;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    add_weight_energy(tables, w, static_cast<double>(tally.active[w]) / kUnitsPerFj, breakdown);
  }
  breakdown.idle_columns_fj = static_cast<double>(tally.idle_columns) / kUnitsPerFj;
  breakdown.idle_rows_fj = static_cast<double>(tally.idle_rows) / kUnitsPerFj;
  return breakdown;
}

gate::ComponentEnergies zero_weight_energy(const EnergyTables& tables, std::int64_t units) {
  EnergyBreakdown breakdown;
  add_weight_energy(tables, weight_index(0), static_cast<double>(units) / kUnitsPerFj, breakdown);
  return {breakdown.multiplier_fj, breakdown.adder_fj, breakdown.partial_sum_register_fj,
          breakdown.activation_register_fj, breakdown.pin_loads_fj};
}

EnergyBreakdown layer_average_energy(const EnergyTables& tables, const LayerCost& cost,
                                     const network::GemmLayer& layer, double transitions_per_pe) {
  std::array<double, kWeightValues> sum_fj{};
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    sum_fj[weight_index(cost.held(i, layer.weights[i]))] +=
        cost.energy_of_weight(i, layer.weights.size(), layer.weights[i]);
  }
  EnergyBreakdown breakdown;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    add_weight_energy(tables, w, sum_fj[w] * transitions_per_pe, breakdown);
  }
  return breakdown;
}

double layer_agnostic_energy_fj(const EnergyTables& tables, const network::GemmLayer& layer,
                                double transitions_per_pe) {
  double sum = 0;
  for (const std::int8_t weight : layer.weights)
    sum += tables.weights[weight_index(weight)].mean_fj;
  return sum * transitions_per_pe;
}

}  // namespace togglewise::energy
