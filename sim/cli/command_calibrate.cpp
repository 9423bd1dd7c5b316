#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/cli/calibration_operands.h"
#include "sim/cli/calibration_report.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/mapping_option.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/run_inputs.h"
#include "sim/cli/timing_options.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/calibration.h"
#include "sim/network/traces.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {
namespace {

const energy::CalibrationParams kDefaults;

struct Options : CommonOptions {
  std::filesystem::path hardware;
  CalibrationOperandOptions operands;
  std::filesystem::path model;
  std::string mapping;
  std::filesystem::path tables;  // "" = <out>/tables.h5
  std::uint64_t transitions = kDefaults.transitions_per_weight;
  double precision_percent = 100 * kDefaults.weight_precision;
  double cell_precision_percent = 100 * kDefaults.cell_precision;
  bool negative_activations = false;
  TimingOptions timing;
};

energy::CalibrationParams params_of(const Options& options) {
  energy::CalibrationParams params;
  params.transitions_per_weight = options.transitions;
  params.weight_precision = options.precision_percent / 100;
  params.cell_precision = options.cell_precision_percent / 100;
  params.negative_activations = options.negative_activations;
  params.seed = options.seed;
  params.threads = options.thread_count();
  return params;
}

// Of one timing. The tables are complete, or the file is not there.
struct Calibrated {
  std::unique_ptr<energy::MacHardware> hardware;
  energy::EnergyTables tables;
  std::filesystem::path file;
  double seconds = 0;
};

Calibrated calibrate_timing(const Options& options, const config::HardwareConfig& config,
                            const network::Traces& traces, const std::filesystem::path& file) {
  const Stopwatch watch;
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  Calibrated result;
  result.hardware = std::make_unique<energy::MacHardware>(config);
  announce(fmt::format("calibrating, timing {}; an interrupted run goes on where it was",
                       config.energy.timing));
  energy::CalibrationParams params = params_of(options);
  params.checkpoint = file.string() + ".partial";
  result.tables = energy::calibrate(*result.hardware, traces, params, make_progress_printer());
  energy::write_tables(result.tables, file);
  result.file = file;
  result.seconds = watch.seconds();
  return result;
}

// "tables.h5" → "tables-zero.h5".
std::filesystem::path with_timing(const std::filesystem::path& file, const std::string& timing) {
  return file.parent_path() / (file.stem().string() + "-" + timing + file.extension().string());
}

void run(const Options& options) {
  const Stopwatch watch;
  require_writable_directory(options.out);
  const std::filesystem::path file =
      options.tables.empty() ? options.out / "tables.h5" : options.tables;
  config::HardwareConfig config = config::read_hardware_config(options.hardware);
  network::Traces traces = calibration_operands(options.operands, config, options.seed);
  const std::optional<ChosenMapping> mapping = load_mapping(options.mapping, {}, "");
  if (mapping) {
    apply_mapping(*mapping, config, traces);
    traces.image_source += fmt::format(", mapping {}", mapping->hash.substr(0, 12));
  }
  if (!options.model.empty()) {
    const LoadedModel model = load_model(options.model, config);
    energy::require_traces_of_network(traces, options.operands.file().string(), model.identity.hash,
                                      options.model.string());
  }
  std::vector<Calibrated> results;
  if (options.timing.timing == kBothTimings) {
    // The configuration's own timing first: the report's figures are its.
    const std::string first = config.energy.timing;
    for (const std::string& timing : {first, std::string(first == "zero" ? "inertial" : "zero")}) {
      TimingOptions one = options.timing;
      one.timing = timing;
      if (timing == "zero") one.quantum_ps.reset();
      config::HardwareConfig own = config;
      apply_timing(one, own);
      results.push_back(calibrate_timing(options, own, traces, with_timing(file, timing)));
    }
  } else {
    apply_timing(options.timing, config);
    results.push_back(calibrate_timing(options, config, traces, file));
  }
  std::vector<CalibratedTables> reported;
  for (const Calibrated& result : results) {
    reported.push_back({result.hardware.get(), &result.tables, result.file, result.seconds});
  }
  report::Json result =
      calibration_json({options.seed, options.operands.file(), &traces, watch.seconds()}, reported);
  if (mapping) result["mapping"] = mapping_json(mapping);
  report::write_result(options.out / "calibrate.json", result);
  fmt::print("{}", calibration_text(reported));
}

}  // namespace

void add_calibrate_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "calibrate",
      "energy tables: the MAC synthesized and simulated gate by gate on real operands");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  add_calibration_operand_options(*command, options->operands);
  command->add_option("--model", options->model,
                      "the network (ONNX) that the traces must be of; any when not given");
  command->add_option("-o,--tables", options->tables,
                      "energy tables to write (default OUT/tables.h5); with --timing both the "
                      "timing is added to the name: tables-zero.h5, tables-inertial.h5");
  command
      ->add_option(
          "--precision", options->precision_percent,
          "standard error of each weight value's E(w), in % of it, at which sampling stops")
      ->check(CLI::Range(0.01, 100.0))
      ->capture_default_str();
  command
      ->add_option("--cell-precision", options->cell_precision_percent,
                   "standard error, in % of E(w), that the cells with 95 % of a weight's "
                   "transitions shall reach, too")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str();
  command
      ->add_option("--transitions", options->transitions,
                   "sampled transitions per weight value at most")
      ->check(CLI::Range(100, 100000000))
      ->capture_default_str();
  command->add_flag("--negative-activations", options->negative_activations,
                    "tables for activations below zero, though these operands have none");
  add_mapping_option(*command, options->mapping, ModelMapping::none);
  add_timing_options(*command, options->timing, BothTimings::allowed);
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
