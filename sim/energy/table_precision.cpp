#include "sim/energy/table_precision.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace togglewise::energy {

double cell_standard_error_fj(const EnergyTables& tables, std::size_t part, int weight,
                              std::size_t cell) {
  const TablePart& table = tables.parts[part];
  const std::size_t w = weight_index(weight);
  if (tables.weights[w].transitions == 0) return std::numeric_limits<double>::infinity();
  const double samples =
      table.samples[w * tables.grouping->parts()[part]->cells() + cell] + table.covering_samples;
  return samples > 0 ? table.deviation_fj[w] / std::sqrt(samples)
                     : std::numeric_limits<double>::infinity();
}

bool is_sparse(const EnergyTables& tables, std::size_t part, int weight, std::size_t cell) {
  return cell_standard_error_fj(tables, part, weight, cell) >
         tables.precision.cell * tables.weights[weight_index(weight)].mean_fj;
}

PartCells count_cells(const EnergyTables& tables, std::size_t part) {
  PartCells counts;
  const std::size_t cells = tables.grouping->parts()[part]->cells();
  double transitions = 0;
  double in_sparse = 0;
  for (int weight = -128; weight < 128; ++weight) {
    const std::size_t w = weight_index(weight);
    if (tables.weights[w].transitions == 0) continue;
    counts.cells += cells;
    for (std::size_t k = 0; k < cells; ++k) {
      const std::int32_t samples = tables.parts[part].samples[w * cells + k];
      transitions += samples;
      if (samples > 0) ++counts.populated;
      if (!is_sparse(tables, part, weight, k)) continue;
      ++counts.sparse;
      in_sparse += samples;
    }
  }
  if (transitions > 0) counts.transitions_in_sparse_cells = in_sparse / transitions;
  return counts;
}

std::string precision_shortfall(const EnergyTables& tables, int weight) {
  const WeightEnergy& energy = tables.weights[weight_index(weight)];
  const TablePrecision& aim = tables.precision;
  if (energy.transitions == 0) return "no samples";
  std::string text;
  if (energy.standard_error_fj > aim.weight * energy.mean_fj) {
    text = fmt::format("E(w) is known to {:.2g} %, not {:.2g} %",
                       100 * energy.standard_error_fj / energy.mean_fj, 100 * aim.weight);
  }
  if (energy.precise_share < aim.cell_share) {
    if (!text.empty()) text += "; ";
    text += fmt::format("{:.3g} % of its transitions, not {:.3g} %, lie in cells known to {:.2g} %",
                        100 * energy.precise_share, 100 * aim.cell_share, 100 * aim.cell);
  }
  return text.empty() ? text : fmt::format("{}, with {} transitions", text, energy.transitions);
}

std::vector<int> weights_without_samples(const EnergyTables& tables) {
  std::vector<int> weights;
  const int end = 1 << (tables.weight_bits - 1);
  for (int weight = -end; weight < end; ++weight) {
    if (tables.weights[weight_index(weight)].transitions == 0) weights.push_back(weight);
  }
  return weights;
}

void round_to_significance(EnergyTables& tables) {
  for (std::size_t p = 0; p < tables.parts.size(); ++p) {
    const std::size_t cells = tables.grouping->parts()[p]->cells();
    for (int weight = -128; weight < 128; ++weight) {
      const std::size_t w = weight_index(weight);
      // A cell without samples is known no better than a single sample would tell.
      const double worst_fj = tables.parts[p].deviation_fj[w];
      if (!(worst_fj > 0)) continue;
      for (std::size_t k = 0; k < cells; ++k) {
        const double error_fj = std::min(worst_fj, cell_standard_error_fj(tables, p, weight, k));
        const double step_fj = std::exp2(std::floor(std::log2(error_fj / 8)));
        float& energy_fj = tables.parts[p].energy_fj[w * cells + k];
        energy_fj = static_cast<float>(std::nearbyint(energy_fj / step_fj) * step_fj);
      }
    }
  }
}

}  // namespace togglewise::energy
