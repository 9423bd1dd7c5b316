#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/files.h"
#include "sim/cli/calibration_report.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/timing_options.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/calibration.h"
#include "sim/network/traces.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path traces;
  std::filesystem::path tables;  // "" = <out>/tables.h5
  std::uint64_t transitions = energy::CalibrationParams{}.transitions_per_weight;
  TimingOptions timing;
};

void run(const Options& options) {
  const Stopwatch watch;
  require_writable_directory(options.out);
  const std::filesystem::path file =
      options.tables.empty() ? options.out / "tables.h5" : options.tables;
  config::HardwareConfig config = config::read_hardware_config(options.hardware);
  apply_timing(options.timing, config);
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
  report::write_result(
      options.out / "calibrate.json",
      calibration_json({options.seed, options.traces, &traces, watch.seconds()}, hardware, tables));
  fmt::print("{}\nTables: {}\n", calibration_text(hardware, tables), file.string());
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
  add_timing_options(*command, options->timing);
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
