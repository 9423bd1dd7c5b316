#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/array/network_toggles.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/nearest.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/energy_run.h"
#include "sim/cli/gating_run.h"
#include "sim/cli/hardware_source.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/system_run.h"
#include "sim/cli/timing_options.h"
#include "sim/cli/workload_source.h"
#include "sim/report/cycles_report.h"
#include "sim/report/scalesim_report.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path model;
  std::filesystem::path workload;
  std::filesystem::path operands;
  std::filesystem::path tables;
  std::vector<std::string> fidelities;
  std::string compat;
  std::string mapping;
  int images = 0;
  int batch_size = 1;
  bool gating_study = false;
  TimingOptions timing;
};

using CyclesKind = report::CyclesRun::Kind;

struct Chosen {
  std::vector<CyclesKind> cycles;
  std::vector<energy::Fidelity> energies;  // from fast to certain

  bool needs_operands() const {
    return !energies.empty() || std::any_of(cycles.begin(), cycles.end(), [](CyclesKind kind) {
      return kind != CyclesKind::cycles;
    });
  }
};

Chosen chosen_fidelities(const Options& options) {
  std::vector<std::string> names = options.fidelities;
  if (names.empty()) names = {is_topology_file(options.workload) ? "cycles" : "gate"};
  Chosen chosen;
  std::vector<std::string> all = {"cycles", "system", "toggles"};
  for (const std::string& name : energy::fidelity_names()) all.push_back(name);
  for (const std::string& name : names) {
    if (std::find(all.begin(), all.end(), name) != all.end()) continue;
    const std::string near = nearest_name(name, all);
    throw Error::input("TW-ENERGY-001", fmt::format("there is no fidelity '{}'", name))
        .expected(list_names(all))
        .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }
  const auto has = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const CyclesKind kind : {CyclesKind::cycles, CyclesKind::system, CyclesKind::toggles}) {
    if (has(report::to_string(kind))) chosen.cycles.push_back(kind);
  }
  for (const std::string& name : energy::fidelity_names()) {
    if (!has(name)) continue;
    chosen.energies.push_back(energy::parse_fidelity(name));
    if (name == "gate" || !options.tables.empty()) continue;
    throw Error::input("TW-CLI-005", fmt::format("fidelity '{}' needs energy tables", name))
        .expected("--tables FILE, as `togglewise calibrate` wrote it");
  }
  return chosen;
}

void add_toggles(const Options& options, const config::HardwareConfig& config,
                 const WorkloadSource& source, report::CyclesRun& run) {
  run.images = source.traces->layers.at(0).images;
  const array::ArrayShape shape{config.array.rows, config.array.columns, config.array.weight_bits,
                                config.array.activation_bits, config.array.partial_sum_bits};
  const std::vector<array::ToggleCounts> counts =
      array::network_toggles(shape, config.array.double_buffered_weights, *source.traces,
                             run.images, options.thread_count(), make_progress_printer());
  for (std::size_t l = 0; l < counts.size(); ++l) run.layers[l].toggles = counts[l];
}

// Cycles of every layer, from the closed forms or cycle by cycle, and, when asked for, toggles.
void run_cycles(const Options& options, const config::HardwareConfig& config,
                const WorkloadSource& source, CyclesKind kind) {
  const Stopwatch watch;
  report::CyclesRun run;
  run.kind = kind;
  run.seed = options.seed;
  run.hardware = &config;
  run.model = *source.model;
  run.workload = source.workload;
  run.batch_size = source.batch_size;
  for (const array::LayerShape& shape : source.layers) {
    report::CyclesLayer layer;
    layer.shape = shape;
    layer.cycles = array::layer_cycles(config, shape);
    layer.memory_pj_per_batch = layer.cycles.accesses.energy_pj(config.memories);
    run.layers.push_back(layer);
  }
  if (kind != CyclesKind::cycles) {
    run.operand_source = source.operand_source;
    run.synthetic = source.synthetic;
  }
  if (kind == CyclesKind::toggles) add_toggles(options, config, source, run);
  if (kind == CyclesKind::system) {
    const SystemRunResult system = run_system(config, *source.traces, make_progress_printer());
    for (std::size_t l = 0; l < run.layers.size(); ++l) run.layers[l].cycles = system.cycles[l];
    run.outputs_compared = system.outputs;
  }
  run.seconds = watch.seconds();
  const std::string name = "simulate-" + run.fidelity();
  report::Json result = report::cycles_json(run);
  if (source.mapping) result["mapping"] = mapping_json(source.mapping);
  report::write_result(options.out / (name + ".json"), result);
  write_file_atomically(options.out / (name + ".csv"), report::cycles_csv(run));
  fmt::print("{} on {} ({}×{}), fidelity {}\n\n{}", source.name, config.name, config.array.rows,
             config.array.columns, run.fidelity(), report::cycles_text(run));
}

// The report files of SCALE-Sim, with its way of counting cycles.
void run_compat(const Options& options, const HardwareSource& hardware) {
  if (!is_topology_file(options.workload) || !options.fidelities.empty()) {
    throw Error::input("TW-CLI-008", "--compat scalesim reports on topologies only")
        .expected("--workload TOPOLOGY.csv, and no --fidelity");
  }
  if (options.batch_size != 1) {
    throw Error::input("TW-CLI-008", "SCALE-Sim runs one image at a time").expected("--batch 1");
  }
  const topology::Topology topology = topology::read_topology(options.workload);
  const std::vector<topology::ScaleSimLayer> layers = topology::run_scalesim(
      hardware.scalesim ? *hardware.scalesim : topology::to_scalesim_config(hardware.config),
      topology, options.thread_count());
  report::write_scalesim_reports(layers, options.out);
  std::int64_t cycles = 0;
  for (const topology::ScaleSimLayer& layer : layers) cycles += layer.total_cycles;
  fmt::print("{} on {}: {} cycles as SCALE-Sim counts them, in {} lines\n", topology.name,
             hardware.config.name, cycles, layers.size());
}

void run(const Options& options) {
  const Chosen chosen = chosen_fidelities(options);
  HardwareSource hardware = load_hardware(options.hardware);
  apply_timing(options.timing, hardware.config);
  require_writable_directory(options.out);
  if (!options.compat.empty()) {
    run_compat(options, hardware);
  } else {
    if (!chosen.energies.empty()) require_cell_library(hardware);
    WorkloadSourceOptions source_options;
    source_options.workload = options.workload;
    source_options.model = options.model;
    source_options.operands = options.operands;
    source_options.images = options.images;
    source_options.batch_size = options.batch_size;
    source_options.seed = options.seed;
    source_options.threads = options.thread_count();
    source_options.mapping = options.mapping;
    source_options.need_operands = chosen.needs_operands();
    const WorkloadSource source = load_workload_source(hardware.config, source_options);
    for (const CyclesKind kind : chosen.cycles) {
      run_cycles(options, hardware.config, source, kind);
      if (kind != chosen.cycles.back() || !chosen.energies.empty()) fmt::print("\n");
    }
    if (!chosen.energies.empty()) {
      const EnergyRunParams params{chosen.energies, options.tables, options.out, options.seed,
                                   options.thread_count()};
      if (options.gating_study) {
        run_gating_study(hardware.config, source, params);
      } else {
        run_energy_fidelities(hardware.config, source, params);
      }
    }
  }
  fmt::print("\nResults: {}\n", options.out.string());
}

}  // namespace

void add_simulate_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("simulate", "cycles, toggles and energy per layer");
  const auto options = std::make_shared<Options>();
  command
      ->add_option("--hw", options->hardware,
                   "hardware configuration (YAML), or one of SCALE-Sim's (.cfg) for fidelities "
                   "cycles and toggles")
      ->required();
  command->add_option("--model", options->model, "int8 network (ONNX, QDQ)");
  command->add_option("--workload", options->workload,
                      "with --model: the workload with the test images (default: the one named in "
                      "the model); without: a SCALE-Sim topology (.csv)");
  command->add_option("--operands", options->operands,
                      "instead of a model: weights and activations per layer (.npz, .h5)");
  command
      ->add_option("--images", options->images,
                   "the first N images (default: 200 test images; one synthetic batch of a "
                   "topology; all of --operands)")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--batch", options->batch_size,
                   "images streamed through the array without reloading its weights")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command
      ->add_option(
          "--fidelity", options->fidelities,
          "cycles, system (cycle by cycle in SystemC), toggles, layer, table or gate; several "
          "with commas are run and compared (default: gate; of a topology cycles)")
      ->delimiter(',');
  add_mapping_option(*command, options->mapping, ModelMapping::used);
  add_timing_options(*command, options->timing);
  command->add_option("--tables", options->tables, "energy tables, for fidelities layer and table");
  command
      ->add_option("--compat", options->compat,
                   "write COMPUTE_REPORT.csv, BANDWIDTH_REPORT.csv and DETAILED_ACCESS_REPORT.csv "
                   "of a topology as SCALE-Sim does, counting cycles as it does")
      ->check(CLI::IsMember({"scalesim"}));
  command->add_flag("--gating-study", options->gating_study,
                    "what each option of the hardware's section `gating` would save: alone, all, "
                    "and the best set; writes gating-study.json");
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
