#include "sim/cli/energy_run.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/cli/common_options.h"
#include "sim/cli/progress_printer.h"
#include "sim/energy/energy_sources.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/report/console_table.h"
#include "sim/report/network_report.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

// Layer energies side by side, each with its difference to the most certain fidelity that was run.
std::string comparison_text(const std::vector<energy::NetworkEnergy>& runs) {
  const energy::NetworkEnergy& reference = runs.back();
  using Column = report::ConsoleTable::Column;
  std::vector<Column> columns{{"Layer", "", report::ConsoleTable::Align::left},
                              {energy::to_string(reference.fidelity), "nJ/image"}};
  const bool intervals = reference.half_widths().has_value();
  if (intervals) columns.push_back({"±", ""});
  const energy::NetworkEnergy* agnostic = nullptr;
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) {
    columns.push_back({energy::to_string(runs[i].fidelity), "nJ/image"});
    columns.push_back({"difference", ""});
    if (runs[i].layers[0].layer_agnostic_fj_per_image) agnostic = &runs[i];
  }
  if (agnostic != nullptr) {
    columns.push_back({"layer-agnostic", "nJ/image"});
    columns.push_back({"difference", ""});
  }
  report::ConsoleTable table(columns);
  const auto add = [&](const std::string& name, double exact,
                       const std::optional<energy::HalfWidths>& half_widths,
                       const std::vector<double>& others) {
    std::vector<std::string> row{name, report::format_fixed(exact * 1e-6, 3)};
    if (intervals) {
      const double half_width_fj = half_widths.value_or(energy::HalfWidths{}).mac_dynamic_fj;
      row.push_back(report::format_fixed(half_width_fj * 1e-6, 3));
    }
    for (const double other : others) {
      row.push_back(report::format_fixed(other * 1e-6, 3));
      row.push_back(report::format_change(report::relative_change(exact, other)));
    }
    table.add_row(std::move(row));
  };
  double exact_sum = 0;
  std::vector<double> sums(runs.size() - 1 + (agnostic != nullptr ? 1 : 0), 0);
  for (std::size_t l = 0; l < reference.layers.size(); ++l) {
    const double exact = reference.layers[l].energy_per_image.mac_dynamic_fj();
    std::vector<double> others;
    for (std::size_t i = 0; i + 1 < runs.size(); ++i) {
      others.push_back(runs[i].layers[l].energy_per_image.mac_dynamic_fj());
    }
    if (agnostic != nullptr) others.push_back(*agnostic->layers[l].layer_agnostic_fj_per_image);
    add(reference.layers[l].name, exact, reference.layers[l].half_widths, others);
    exact_sum += exact;
    for (std::size_t i = 0; i < others.size(); ++i) sums[i] += others[i];
  }
  table.add_rule();
  add("total", exact_sum, reference.half_widths(), sums);
  return "MAC dynamic energy by fidelity\n\n" + table.text();
}

}  // namespace

void run_energy_fidelities(const config::HardwareConfig& config, const WorkloadSource& source,
                           const EnergyRunParams& params) {
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);
  std::optional<energy::EnergyTables> tables;
  if (!params.tables.empty()) {
    tables = energy::read_tables(params.tables);
    energy::require_tables_match(*tables, hardware, params.tables.string());
    energy::require_activations(*tables, *source.traces, params.tables.string());
  }
  // The same tables give the same bytes: their hash names them wherever the file lies.
  const std::string tables_name =
      tables ? fmt::format("{} ({})", params.tables.filename().string(),
                           hash_bytes(read_file(params.tables)).substr(0, 12))
             : "";
  std::vector<energy::NetworkEnergy> runs;
  for (const energy::Fidelity fidelity : params.fidelities) {
    const Stopwatch watch;
    runs.push_back(energy::network_energy(hardware, *source.traces, fidelity,
                                          tables ? &*tables : nullptr, params.threads,
                                          make_progress_printer()));
    const std::string name = "simulate-" + energy::to_string(fidelity);
    const report::SimulateRun description{
        params.seed,
        &config,
        *source.model,
        source.workload,
        source.operand_source,
        watch.seconds(),
        energy::energy_sources(hardware, fidelity, tables ? &*tables : nullptr, tables_name)};
    report::Json result = report::simulate_json(description, runs.back());
    result["synthetic_operands"] = source.synthetic;
    if (source.mapping) result["mapping"] = mapping_json(source.mapping);
    report::write_result(params.out / (name + ".json"), result);
    write_file_atomically(params.out / (name + ".csv"),
                          report::network_csv(runs.back(), config.clock_period_ps));
  }
  fmt::print("{} on {}, {}, fidelity {}\n\n{}", source.name, config.name, source.operand_source,
             energy::to_string(runs.back().fidelity),
             report::network_text(runs.back(), config.clock_period_ps));
  if (runs.size() > 1) fmt::print("\n{}", comparison_text(runs));
}

}  // namespace togglewise::cli
