#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/run_inputs.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/network_energy.h"
#include "sim/report/console_table.h"
#include "sim/report/network_report.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path model;
  std::filesystem::path workload;
  std::filesystem::path tables;
  std::vector<std::string> fidelities{"gate"};
  int images = 200;
};

// Layer energies side by side, each with its difference to the most certain fidelity that was run.
std::string comparison_text(const std::vector<energy::NetworkEnergy>& runs) {
  const energy::NetworkEnergy& reference = runs.back();
  using Column = report::ConsoleTable::Column;
  std::vector<Column> columns{{"Layer", "", report::ConsoleTable::Align::left},
                              {energy::to_string(reference.fidelity), "nJ/image"}};
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
  const auto add = [&](const std::string& name, double exact, const std::vector<double>& others) {
    std::vector<std::string> row{name, report::format_fixed(exact * 1e-6, 3)};
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
    add(reference.layers[l].name, exact, others);
    exact_sum += exact;
    for (std::size_t i = 0; i < others.size(); ++i) sums[i] += others[i];
  }
  table.add_rule();
  add("total", exact_sum, sums);
  return "MAC dynamic energy by fidelity\n\n" + table.text();
}

std::vector<energy::Fidelity> chosen_fidelities(const Options& options) {
  std::vector<energy::Fidelity> chosen;
  for (const energy::Fidelity fidelity :
       {energy::Fidelity::layer, energy::Fidelity::table, energy::Fidelity::gate}) {
    for (const std::string& name : options.fidelities) {
      if (energy::parse_fidelity(name) != fidelity) continue;
      chosen.push_back(fidelity);
      break;
    }
  }
  for (const energy::Fidelity fidelity : chosen) {
    if (fidelity == energy::Fidelity::gate || !options.tables.empty()) continue;
    throw Error::input(
        "TW-CLI-005", fmt::format("fidelity '{}' needs energy tables", energy::to_string(fidelity)))
        .expected("--tables FILE, as `togglewise calibrate` wrote it");
  }
  return chosen;
}

void run(const Options& options) {
  const std::vector<energy::Fidelity> fidelities = chosen_fidelities(options);
  require_writable_directory(options.out);
  const config::HardwareConfig config = config::read_hardware_config(options.hardware);
  const LoadedModel model = load_model(options.model, config);
  const config::WorkloadConfig workload = config::read_workload_config(
      path_from_model(options.workload, model, "togglewise.workload", "--workload"));
  const TestImages images = first_test_images(workload, options.images);
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);
  std::optional<energy::EnergyTables> tables;
  if (!options.tables.empty()) {
    tables = energy::read_tables(options.tables);
    energy::require_tables_match(*tables, hardware, options.tables.string());
  }
  announce(fmt::format("integer inference of {}", images.source));
  const network::Traces traces = network::trace_network(
      model.network, images.dataset, images.indices, images.source, options.thread_count());

  std::vector<energy::NetworkEnergy> runs;
  for (const energy::Fidelity fidelity : fidelities) {
    const Stopwatch watch;
    runs.push_back(energy::network_energy(hardware, traces, fidelity, tables ? &*tables : nullptr,
                                          options.thread_count(), make_progress_printer()));
    const std::string name = "simulate-" + energy::to_string(fidelity);
    const report::SimulateRun description{options.seed,    &config,       model.identity,
                                          images.workload, images.source, watch.seconds()};
    report::write_result(options.out / (name + ".json"),
                         report::simulate_json(description, runs.back()));
    write_file_atomically(options.out / (name + ".csv"),
                          report::network_csv(runs.back(), config.clock_period_ps));
  }
  fmt::print("{} on {}, {}, fidelity {}\n\n{}", model.identity.name, config.name, images.source,
             energy::to_string(runs.back().fidelity),
             report::network_text(runs.back(), config.clock_period_ps));
  if (runs.size() > 1) fmt::print("\n{}", comparison_text(runs));
  fmt::print("\nResults: {}\n", options.out.string());
}

}  // namespace

void add_simulate_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("simulate", "cycles, toggles and energy per layer");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--model", options->model, "int8 network (ONNX, QDQ)")->required();
  command->add_option("--workload", options->workload,
                      "workload with the test images (default: the one named in the model)");
  command->add_option("--images", options->images, "the first N test images")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      ->add_option("--fidelity", options->fidelities,
                   "layer, table or gate; several with commas are run and compared")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--tables", options->tables, "energy tables, for fidelities layer and table");
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
