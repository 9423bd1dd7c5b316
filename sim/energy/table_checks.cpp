// Tables that do not fit a run are refused before anything is looked up in them.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/table_precision.h"
#include "sim/network/traces.h"

namespace togglewise::energy {
namespace {

constexpr double kLargestRelativeError = 0.25;

std::string list_values(const std::vector<int>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size() && i < 8; ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", values[i]);
  }
  return values.size() > 8 ? fmt::format("{} and {} more", text, values.size() - 8) : text;
}

void require_samples(const EnergyTables& tables, const std::string& file) {
  const auto is_empty = [](const WeightEnergy& weight) { return weight.transitions == 0; };
  if (std::all_of(tables.weights.begin(), tables.weights.end(), is_empty)) {
    throw Error::input("TW-TABLE-006", "these tables are empty: no weight value has a sample")
        .at(file)
        .expected("tables with samples")
        .hint("run 'togglewise calibrate' again");
  }
  std::vector<int> unknown;
  for (int weight = -128; weight < 128; ++weight) {
    const WeightEnergy& energy = tables.weights[weight_index(weight)];
    if (energy.transitions == 0) continue;
    const bool known = energy.mean_fj > 0 && energy.standard_error_fj > 0 &&
                       energy.standard_error_fj <= kLargestRelativeError * energy.mean_fj;
    if (!known) unknown.push_back(weight);
  }
  if (unknown.empty()) return;
  throw Error::input("TW-TABLE-006",
                     fmt::format("these tables are too sparse: E(w) of {} weight values is not "
                                 "known to {:.0f} % ({})",
                                 unknown.size(), 100 * kLargestRelativeError, list_values(unknown)))
      .at(file)
      .expected("tables from more operands")
      .hint("run 'togglewise calibrate' with more --transitions, or with more images or layers");
}

}  // namespace

void require_tables_of_mac(const EnergyTables& tables, const MacHardware& hardware,
                           const std::string& file) {
  if (tables.hardware_key == hardware.key()) return require_samples(tables, file);
  throw Error::input("TW-TABLE-002",
                     fmt::format("these tables were calibrated for another MAC, library or corner "
                                 "('{}', {}-bit partial sums, key {})",
                                 tables.hardware_name, tables.grouping->widths().partial_sum_bits,
                                 tables.hardware_key.substr(0, 12)))
      .at(file)
      .expected(fmt::format("tables for '{}' ({}-bit partial sums, key {})", hardware.config().name,
                            hardware.config().array.partial_sum_bits, hardware.key().substr(0, 12)))
      .hint("run 'togglewise calibrate' with this hardware configuration");
}

void require_tables_match(const EnergyTables& tables, const MacHardware& hardware,
                          const std::string& file) {
  require_tables_of_mac(tables, hardware, file);
  if (tables.timing == hardware.engine().timing()) return;
  throw Error::input("TW-TABLE-003", fmt::format("these tables are {}, but this run is {}",
                                                 tables.timing, hardware.engine().timing()))
      .at(file)
      .expected("tables calibrated with the same --timing and --quantum-ps")
      .hint("'togglewise calibrate --timing both' makes tables for either timing");
}

void require_activations(const EnergyTables& tables, const network::Traces& traces,
                         const std::string& file) {
  const bool negative = tables.grouping->widths().negative_activations;
  std::array<bool, kWeightValues> unsampled{};
  for (std::size_t w = 0; w < kWeightValues; ++w) unsampled[w] = tables.weights[w].transitions == 0;
  for (const network::TracedLayer& traced : traces.layers) {
    const auto lowest = std::min_element(traced.ifmaps.begin(), traced.ifmaps.end());
    if (!negative && lowest != traced.ifmaps.end() && *lowest < 0) {
      throw Error::input(
          "TW-TABLE-005",
          fmt::format("layer '{}' has activations below zero (down to {}), but these "
                      "tables were made without such",
                      traced.layer.name, *lowest))
          .at(file)
          .expected("tables calibrated on operands below zero, too")
          .hint(
              "run 'togglewise calibrate' with this network's traces, or with "
              "--negative-activations");
    }
    std::vector<int> missing;
    std::array<bool, kWeightValues> seen{};
    for (const std::int8_t weight : traced.layer.weights) {
      const std::size_t w = weight_index(weight);
      if (unsampled[w] && !seen[w]) missing.push_back(weight);
      seen[w] = true;
    }
    if (missing.empty()) continue;
    std::sort(missing.begin(), missing.end());
    throw Error::input(
        "TW-TABLE-007",
        fmt::format("layer '{}' has weights that these tables have no samples of: {}",
                    traced.layer.name, list_values(missing)))
        .at(file)
        .expected(fmt::format("weights of {} bits, as the tables", tables.weight_bits))
        .hint("run 'togglewise calibrate' for the hardware of this run");
  }
}

void require_traces_of_network(const network::Traces& traces, const std::string& traces_file,
                               const std::string& model_hash, const std::string& model_name) {
  if (traces.model_hash == model_hash) return;
  throw Error::input("TW-TABLE-009",
                     fmt::format("these are operands of another network ('{}', {})",
                                 traces.network_name, traces.model_hash.substr(0, 12)))
      .at(traces_file)
      .expected(fmt::format("operands of '{}' ({})", model_name, model_hash.substr(0, 12)))
      .hint("make them with 'togglewise train' or 'togglewise quantize' for this network");
}

}  // namespace togglewise::energy
