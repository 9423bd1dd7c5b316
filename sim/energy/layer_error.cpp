#include "sim/energy/layer_error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "sim/energy/pair_counts.h"

namespace togglewise::energy {
namespace {

using ValueArray = std::array<double, kWeightValues>;

// E_l(v), femtojoules per transition, over all rows alike.
ValueArray mean_energies_fj(const LayerStatistics& statistics) {
  ValueArray mean{};
  for (std::size_t row = 0; row < statistics.rows(); ++row) {
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      mean[w] += statistics.energy_fj(row, static_cast<int>(w) - 128);
    }
  }
  for (double& fj : mean) fj /= static_cast<double>(std::max<std::size_t>(1, statistics.rows()));
  return mean;
}

// Of the transitions, those that were not looked up: where all are, nothing is left to chance.
double missing_share(const LayerStatistics& statistics) {
  const auto all = static_cast<double>(std::accumulate(
      statistics.represented.begin(), statistics.represented.end(), std::uint64_t{0}));
  return all > 0 ? 1 - static_cast<double>(statistics.samples) / all : 0;
}

// Standard error of Σ times[v] · E_l(v), from the replicates' sums.
double sampling_error_fj(const LayerStatistics& statistics, const ValueArray& times) {
  double sum = 0;
  double square = 0;
  double count = 0;
  for (std::size_t g = 0; g < statistics.replicates_represent.size(); ++g) {
    if (statistics.replicates_represent[g] == 0) continue;
    double units = 0;
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      units += times[w] * static_cast<double>(statistics.replicates[g * kWeightValues + w]);
    }
    const double fj = units / static_cast<double>(statistics.replicates_represent[g]) / kUnitsPerFj;
    sum += fj;
    square += fj * fj;
    ++count;
  }
  if (count < 2) return 0;
  const double variance = (square - sum * sum / count) / (count - 1);
  return std::sqrt(std::max(0.0, variance) / count * missing_share(statistics));
}

// The part that knows of pairs of activations, if there is one beside others.
std::optional<std::size_t> pair_part(const TransitionGrouping& grouping) {
  for (std::size_t p = 0; p < grouping.parts().size(); ++p) {
    if (grouping.parts()[p]->partial_sum_groups() == 1) return p;
  }
  return std::nullopt;
}

// Standard error of E_l(v): a cell that takes the share f of the layer's transitions and was
// measured n times contributes (f · deviation)² / n.
class TableError {
 public:
  TableError(const EnergyTables& tables, const LayerStatistics& statistics)
      : tables_(tables), part_(pair_part(*tables.grouping)) {
    const double all = static_cast<double>(
        std::accumulate(statistics.pairs.begin(), statistics.pairs.end(), std::uint64_t{0}));
    if (!part_ || all == 0) return;
    for (int a0 = -128; a0 < 128; ++a0) {
      for (int a1 = -128; a1 < 128; ++a1) {
        const std::uint64_t count = statistics.pairs[activation_pair(a0, a1)];
        if (count == 0) continue;
        cells_.push_back({tables.grouping->parts()[*part_]->activation_group(a0, a1),
                          static_cast<double>(count) / all});
      }
    }
  }

  double of_value_fj(std::size_t w) const {
    const TablePart& part = tables_.parts[part_.value_or(0)];
    if (cells_.empty()) {
      const auto samples =
          static_cast<double>(std::max<std::uint64_t>(1, tables_.weights[w].transitions));
      return part.deviation_fj[w] / std::sqrt(samples);
    }
    const std::size_t cells = tables_.grouping->parts()[*part_]->cells();
    double square = 0;
    for (const auto& [cell, share] : cells_) {
      // Cells that real operands did not reach have been measured with others.
      const double samples = std::max(1, part.samples[w * cells + cell]);
      square += share * share / samples;
    }
    return part.deviation_fj[w] * std::sqrt(square);
  }

 private:
  struct Cell {
    std::size_t cell = 0;
    double share = 0;
  };
  const EnergyTables& tables_;
  std::optional<std::size_t> part_;
  std::vector<Cell> cells_;
};

}  // namespace

double held_out_error(const EnergyTables& tables) {
  double square = 0;
  for (const HeldOutLayer& layer : tables.held_out) {
    square += layer.relative_error * layer.relative_error;
  }
  return tables.held_out.empty() ? 0
                                 : std::sqrt(square / static_cast<double>(tables.held_out.size()));
}

double LayerError::total() const {
  return std::sqrt(sampling * sampling + tables * tables + model * model);
}

LayerErrors layer_errors(const EnergyTables& tables, const network::GemmLayer& layer,
                         const LayerStatistics& statistics) {
  LayerErrors errors;
  const ValueArray mean_fj = mean_energies_fj(statistics);
  const TableError table_error(tables, statistics);
  const double model = held_out_error(tables);
  ValueArray table_fj{};
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    table_fj[w] = table_error.of_value_fj(w);
    if (mean_fj[w] <= 0) continue;
    ValueArray only{};
    only[w] = 1;
    errors.values[w] = {sampling_error_fj(statistics, only) / mean_fj[w], table_fj[w] / mean_fj[w],
                        model};
  }
  ValueArray times{};
  for (const std::int8_t weight : layer.weights) ++times[weight_index(weight)];
  const double all_fj = std::inner_product(times.begin(), times.end(), mean_fj.begin(), 0.0);
  if (all_fj <= 0) return errors;
  errors.layer.sampling = sampling_error_fj(statistics, times) / all_fj;
  errors.layer.tables =
      std::inner_product(times.begin(), times.end(), table_fj.begin(), 0.0) / all_fj;
  errors.layer.model = model;
  return errors;
}

}  // namespace togglewise::energy
