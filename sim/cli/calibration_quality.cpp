#include "sim/cli/calibration_quality.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/energy/table_fit.h"
#include "sim/energy/table_precision.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

using report::format_count;
using report::format_fixed;

struct HeldOutError {
  double mean = 0;
  double max = 0;
  std::string worst;  // layer
};

HeldOutError held_out_error(const energy::EnergyTables& tables) {
  HeldOutError error;
  for (const energy::HeldOutLayer& layer : tables.held_out) {
    const double size = std::abs(layer.relative_error);
    error.mean += size / static_cast<double>(tables.held_out.size());
    if (size >= error.max) {
      error.max = size;
      error.worst = layer.name;
    }
  }
  return error;
}

struct WeightSummary {
  int sampled = 0;
  std::uint64_t transitions = 0;
  std::uint64_t fewest = 0;
  std::uint64_t most = 0;
  double largest_error = 0;  // of E(w), relative
  std::vector<int> short_of_it;
};

WeightSummary summary_of(const energy::EnergyTables& tables) {
  WeightSummary summary;
  for (int weight = -128; weight < 128; ++weight) {
    const energy::WeightEnergy& energy = tables.weights[energy::weight_index(weight)];
    if (energy.transitions == 0) continue;
    ++summary.sampled;
    summary.transitions += energy.transitions;
    summary.fewest =
        summary.sampled == 1 ? energy.transitions : std::min(summary.fewest, energy.transitions);
    summary.most = std::max(summary.most, energy.transitions);
    summary.largest_error =
        std::max(summary.largest_error, energy.standard_error_fj / energy.mean_fj);
    if (!energy::precision_shortfall(tables, weight).empty()) summary.short_of_it.push_back(weight);
  }
  return summary;
}

std::string part_name(const energy::EnergyTables& tables, std::size_t part) {
  if (tables.parts.size() == 1) return "cells";
  return energy::is_pair_part(*tables.grouping, part) ? "cells by activation pairs"
                                                      : "cells by partial sums";
}

std::string percent(double share, int digits) { return format_fixed(100 * share, digits) + " %"; }

std::string precision_text(const energy::EnergyTables& tables) {
  const WeightSummary summary = summary_of(tables);
  std::string text = fmt::format(
      "  {} weight values, {}{} transitions each; E(w) is known to {} or better\n", summary.sampled,
      summary.fewest == summary.most ? "" : format_count(summary.fewest) + " to ",
      format_count(summary.most), percent(summary.largest_error, 2));
  const std::vector<int> without = energy::weights_without_samples(tables);
  if (!without.empty()) {
    text += fmt::format(
        "  {} weight values without samples (the first is {}): they have no energies, and a run "
        "that holds one is refused\n",
        without.size(), without[0]);
  }
  if (summary.short_of_it.empty()) return text;
  constexpr std::size_t kShown = 3;
  text += fmt::format("  {} of them did not reach the precision that was asked for:\n",
                      summary.short_of_it.size());
  for (std::size_t i = 0; i < summary.short_of_it.size() && i < kShown; ++i) {
    text += fmt::format("    {}: {}\n", summary.short_of_it[i],
                        energy::precision_shortfall(tables, summary.short_of_it[i]));
  }
  if (summary.short_of_it.size() > kShown) {
    text += fmt::format("    and {} more in calibrate.json\n", summary.short_of_it.size() - kShown);
  }
  return text;
}

}  // namespace

report::Json quality_json(const energy::EnergyTables& tables) {
  report::Json parts = report::Json::array();
  for (std::size_t p = 0; p < tables.parts.size(); ++p) {
    const energy::PartCells cells = energy::count_cells(tables, p);
    parts.push_back({{"part", part_name(tables, p)},
                     {"cells", cells.cells},
                     {"populated_cells", cells.populated},
                     {"sparse_cells", cells.sparse},
                     {"share_of_transitions_in_sparse_cells", cells.transitions_in_sparse_cells}});
  }
  report::Json layers = report::Json::array();
  for (const energy::HeldOutLayer& layer : tables.held_out) {
    layers.push_back({{"layer", layer.name}, {"relative_error", layer.relative_error}});
  }
  const HeldOutError error = held_out_error(tables);
  report::Json shortfalls = report::Json::array();
  for (int weight = -128; weight < 128; ++weight) {
    if (tables.weights[energy::weight_index(weight)].transitions == 0) continue;
    const std::string reason = energy::precision_shortfall(tables, weight);
    if (!reason.empty()) shortfalls.push_back({{"weight", weight}, {"reason", reason}});
  }
  const WeightSummary summary = summary_of(tables);
  return {{"timing_model", tables.timing},
          {"r_squared_unseen_layers", tables.r_squared},
          {"held_out", {{"layers", layers}, {"mean_error", error.mean}, {"max_error", error.max}}},
          {"transitions", summary.transitions},
          {"precision",
           {{"weight", tables.precision.weight},
            {"cell", tables.precision.cell},
            {"cell_share", tables.precision.cell_share},
            {"most_transitions", tables.precision.most_transitions},
            {"largest_relative_error_of_a_weight", summary.largest_error},
            {"weights_short_of_it", shortfalls},
            {"weights_without_samples", energy::weights_without_samples(tables)}}},
          {"parts", parts}};
}

std::string quality_text(const energy::EnergyTables& tables) {
  std::string text = precision_text(tables);
  for (std::size_t p = 0; p < tables.parts.size(); ++p) {
    const energy::PartCells cells = energy::count_cells(tables, p);
    text +=
        fmt::format("  {} {}: {} with samples; {} sparse, with {} of the transitions\n",
                    format_count(cells.cells), part_name(tables, p), format_count(cells.populated),
                    format_count(cells.sparse), percent(cells.transitions_in_sparse_cells, 1));
  }
  if (tables.held_out.empty()) {
    return text + "  One layer: nothing is held out to measure the tables' error on\n";
  }
  const HeldOutError error = held_out_error(tables);
  return text + fmt::format(
                    "  On layers that a fit has not seen: error {} on average, {} at most ({}); "
                    "R² {} per transition\n",
                    percent(error.mean, 2), percent(error.max, 2), error.worst,
                    format_fixed(tables.r_squared, 4));
}

}  // namespace togglewise::cli
