#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/progress_printer.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/calibration.h"
#include "sim/network/traces.h"
#include "sim/report/console_table.h"
#include "sim/report/number_format.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path traces;
  std::filesystem::path tables;  // "" = <out>/tables.h5
  std::uint64_t transitions = energy::CalibrationParams{}.transitions_per_weight;
};

report::Json calibration_json(const Options& options, const energy::MacHardware& hardware,
                              const network::Traces& traces, const energy::EnergyTables& tables,
                              double seconds) {
  report::Json json = report::result_header("calibrate", options.seed);
  json["hardware"] = report::hardware_json(hardware.config());
  json["netlist"] = {{"hash", hardware.netlist().hash()},
                     {"cells", hardware.netlist().cells().size()},
                     {"flip_flops", hardware.netlist().registers().size()},
                     {"area_um2", hardware.netlist().area()},
                     {"critical_path_ps", hardware.critical_path_ps()}};
  json["timing_model"] = tables.timing;
  json["clock_fj_per_cycle"] = hardware.pe_clock_fj_per_cycle();
  json["leakage_fj_per_cycle"] = hardware.pe_leakage_fj_per_cycle();
  json["grouping"] = {{"name", tables.grouping_name},
                      {"formula", tables.grouping->formula()},
                      {"cells", tables.cells()},
                      {"populated_cells", tables.populated_cells()},
                      {"cells_of_all_weights", tables.samples.size()}};
  std::uint64_t transitions = 0;
  report::Json weights = report::Json::array();
  for (std::size_t w = 0; w < energy::kWeightValues; ++w) {
    const energy::WeightEnergy& weight = tables.weights[w];
    if (weight.transitions == 0) continue;
    transitions += weight.transitions;
    weights.push_back({{"weight", static_cast<int>(w) - 128},
                       {"mean_fj", weight.mean_fj},
                       {"standard_error_fj", weight.standard_error_fj},
                       {"transitions", weight.transitions}});
  }
  json["transitions"] = transitions;
  json["r_squared"] = tables.r_squared;
  json["weights"] = weights;
  json["traces"] = {{"file", options.traces.string()},
                    {"model_hash", traces.model_hash},
                    {"images", traces.layers.at(0).images},
                    {"source", traces.image_source}};
  json["timing"] = {{"seconds", seconds}};
  return json;
}

void print_summary(const energy::MacHardware& hardware, const energy::EnergyTables& tables,
                   const std::filesystem::path& file) {
  const std::uint64_t cells = hardware.netlist().cells().size();
  fmt::print(
      "MAC: {} cells, {} flip-flops, {} µm², critical path {} ps at a clock period of {} ps\n",
      report::format_count(cells), hardware.netlist().registers().size(),
      report::format_fixed(hardware.netlist().area(), 0),
      report::format_fixed(hardware.critical_path_ps(), 0),
      report::format_fixed(hardware.config().clock_period_ps, 0));
  fmt::print("PE: clock {} fJ and leakage {} fJ per cycle, with the weight registers\n",
             report::format_fixed(hardware.pe_clock_fj_per_cycle(), 0),
             report::format_digits(hardware.pe_leakage_fj_per_cycle(), 3));
  fmt::print("Grouping {}: {}; R² {} of the sampled transitions\n\n", tables.grouping_name,
             tables.grouping->formula(), report::format_fixed(tables.r_squared, 3));
  double mean = 0;
  int values = 0;
  for (const energy::WeightEnergy& weight : tables.weights) {
    mean += weight.mean_fj;
    values += weight.transitions > 0 ? 1 : 0;
  }
  mean /= values;
  report::ConsoleTable table({{"Weight", ""}, {"E(w)", "fJ"}, {"±", "fJ"}, {"E(w)/mean", ""}});
  for (const int weight : {-128, -64, -16, -3, -2, -1, 0, 1, 2, 3, 16, 64, 127}) {
    const energy::WeightEnergy& energy = tables.weights[energy::weight_index(weight)];
    if (energy.transitions == 0) continue;
    table.add_row({fmt::format("{}", weight), report::format_fixed(energy.mean_fj, 0),
                   report::format_fixed(energy.standard_error_fj, 0),
                   report::format_fixed(energy.mean_fj / mean, 2)});
  }
  fmt::print("{}\nTables: {}\n", table.text(), file.string());
}

void run(const Options& options) {
  const Stopwatch watch;
  require_writable_directory(options.out);
  const std::filesystem::path file =
      options.tables.empty() ? options.out / "tables.h5" : options.tables;
  const config::HardwareConfig config = config::read_hardware_config(options.hardware);
  const network::Traces traces = network::read_traces(options.traces);
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);
  energy::CalibrationParams params;
  params.transitions_per_weight = options.transitions;
  params.seed = options.seed;
  params.threads = options.thread_count();
  const energy::EnergyTables tables =
      energy::calibrate(hardware, traces, params, make_progress_printer());
  energy::write_tables(tables, file);
  report::write_result(options.out / "calibrate.json",
                       calibration_json(options, hardware, traces, tables, watch.seconds()));
  print_summary(hardware, tables, file);
}

}  // namespace

void add_calibrate_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "calibrate",
      "energy tables: the MAC synthesized and simulated gate by gate on real operands");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--traces", options->traces, "operand traces that `train` wrote (HDF5)")
      ->required();
  command->add_option("-o,--tables", options->tables,
                      "energy tables to write (default OUT/tables.h5)");
  command->add_option("--transitions", options->transitions, "sampled transitions per weight value")
      ->check(CLI::Range(100, 100000000))
      ->capture_default_str();
  add_common_options(*command, *options);
  command->callback([options, command] {
    // `-o some/tables.h5` alone: the result file goes beside the tables.
    if (!options->tables.empty() && command->count("--out") == 0) {
      const std::filesystem::path folder = options->tables.parent_path();
      options->out = folder.empty() ? "." : folder;
    }
    run(*options);
  });
}

}  // namespace togglewise::cli
