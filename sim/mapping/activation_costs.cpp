#include "sim/mapping/activation_costs.h"

#include "sim/energy/energy_tables.h"

namespace togglewise::mapping {
namespace {

ActivationCosts without_costs(int activation_bits, bool negative_activations) {
  ActivationCosts costs;
  const int half = 1 << (activation_bits - 1);
  costs.lowest = negative_activations ? -half : 0;
  costs.values = half - costs.lowest;
  const auto values = static_cast<std::size_t>(costs.values);
  costs.cost.assign(energy::kWeightValues * values * values, 0.0F);
  return costs;
}

// Mean energy of one weight's cells in each activation group of a part, over the groups of partial
// sums as often as calibration met them.
std::vector<float> group_means(const energy::GroupingPart& part, const energy::TablePart& table,
                               int weight) {
  const std::size_t groups = part.activation_groups();
  const std::size_t inner = part.partial_sum_groups();
  const std::size_t first = energy::weight_index(weight) * groups * inner;
  std::vector<float> means(groups);
  for (std::size_t g = 0; g < groups; ++g) {
    double sum = 0;
    double plain_sum = 0;
    double samples = 0;
    for (std::size_t i = 0; i < inner; ++i) {
      const std::size_t cell = first + g * inner + i;
      sum += double{table.energy_fj[cell]} * table.samples[cell];
      plain_sum += double{table.energy_fj[cell]};
      samples += table.samples[cell];
    }
    means[g] =
        static_cast<float>(samples > 0 ? sum / samples : plain_sum / static_cast<double>(inner));
  }
  return means;
}

}  // namespace

ActivationCosts energy_costs(const energy::EnergyTables& tables) {
  const energy::TransitionGrouping& grouping = *tables.grouping;
  ActivationCosts costs =
      without_costs(grouping.widths().activation_bits, grouping.widths().negative_activations);
  const int end = costs.lowest + costs.values;
  const auto values = static_cast<std::size_t>(costs.values);
  for (std::size_t p = 0; p < tables.parts.size(); ++p) {
    const energy::GroupingPart& part = *grouping.parts()[p];
    std::vector<std::size_t> group(values * values);
    for (int a1 = costs.lowest; a1 < end; ++a1) {
      for (int a0 = costs.lowest; a0 < end; ++a0) {
        group[costs.row(a1) + costs.index(a0)] = part.activation_group(a0, a1);
      }
    }
    for (int weight = -128; weight < 128; ++weight) {
      const std::vector<float> means = group_means(part, tables.parts[p], weight);
      float* cost = costs.cost.data() + energy::weight_index(weight) * values * values;
      for (std::size_t i = 0; i < group.size(); ++i) cost[i] += means[group[i]];
    }
  }
  for (std::size_t w = 0; w < energy::kWeightValues; ++w) {
    float* cost = costs.cost.data() + w * values * values;
    for (std::size_t i = 0; i < values; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const float mean = (cost[i * values + j] + cost[j * values + i]) / 2;
        cost[i * values + j] = mean;
        cost[j * values + i] = mean;
      }
    }
  }
  return costs;
}

}  // namespace togglewise::mapping
