#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/accelergy/export_files.h"
#include "sim/accelergy/network_export.h"
#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/hardware_source.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/timing_options.h"
#include "sim/cli/workload_source.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/report/console_table.h"
#include "sim/report/number_format.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path model;
  std::filesystem::path workload;
  std::filesystem::path operands;
  std::filesystem::path tables;
  std::string layer;
  std::string mapping;
  std::string group = "layer";
  std::string fidelity = "table";
  std::size_t most_entries = accelergy::ExportParams{}.most_entries;
  int images = 0;
  int batch_size = 1;
  TimingOptions timing;
};

WorkloadSource load_source(const Options& options, const config::HardwareConfig& config) {
  WorkloadSourceOptions source;
  source.workload = options.workload;
  source.model = options.model;
  source.operands = options.operands;
  source.images = options.images;
  source.batch_size = options.batch_size;
  source.seed = options.seed;
  source.threads = options.thread_count();
  source.mapping = options.mapping;
  source.need_operands = true;
  return load_workload_source(config, source);
}

// What stands in front of every file.
std::vector<std::string> origin(const Options& options, const config::HardwareConfig& config,
                                const WorkloadSource& source, const energy::EnergyTables& tables,
                                const accelergy::NetworkExport& network) {
  return {fmt::format("Togglewise {}: {} on {}", report::tool_version(), source.name, config.name),
          fmt::format("operands: {}; {} images, {} in a batch", source.operand_source,
                      network.energy.images, network.energy.batch_size),
          fmt::format("fidelity {}; tables: grouping {}, library {}, timing {}, netlist {}",
                      options.fidelity, tables.grouping->name(), tables.library, tables.timing,
                      tables.netlist_hash)};
}

report::Json result_json(const Options& options, const config::HardwareConfig& config,
                         const WorkloadSource& source, const accelergy::NetworkExport& network,
                         const accelergy::ExportFiles& files, double seconds) {
  report::Json json = report::result_header("export-accelergy", options.seed);
  json["hardware"] = report::hardware_json(config);
  json["model"] = report::model_json(*source.model);
  json["operands"] = source.operand_source;
  if (source.mapping) json["mapping"] = mapping_json(source.mapping);
  json["images"] = network.energy.images;
  json["batch_size"] = network.energy.batch_size;
  json["fidelity"] = options.fidelity;
  json["group"] = options.group;
  report::Json layers = report::Json::array();
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const energy::LayerEnergy& layer = network.energy.layers[network.layer_numbers[i]];
    layers.push_back(
        {{"name", layer.name},
         {"group", network.layers[i].group},
         {"energy_nj_per_image",
          (layer.energy_per_image.total_fj() + layer.memory_fj_per_image) * 1e-6},
         {"files_energy_nj_per_image", files.layer_pj[i] * 1e-3 / network.energy.images}});
  }
  json["layers"] = layers;
  json["files_energy_nj_per_image"] = files.total_pj * 1e-3 / network.energy.images;
  json["timing"]["seconds"] = seconds;
  return json;
}

std::string result_text(const accelergy::NetworkExport& network,
                        const accelergy::ExportFiles& files) {
  using report::ConsoleTable;
  ConsoleTable table(
      {{"Layer", "", ConsoleTable::Align::left}, {"ERT", "entries"}, {"energy", "nJ/image"}});
  const auto entries = [](const accelergy::ReferenceTable& ert) {
    std::size_t count = 0;
    for (const accelergy::ComponentEnergies& component : ert) count += component.actions.size();
    return fmt::format("{}", count);
  };
  const auto add = [&](const std::string& name, const accelergy::ReferenceTable& ert, double pj) {
    table.add_row({name, entries(ert), report::format_fixed(pj * 1e-3 / network.energy.images, 3)});
  };
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    add(network.layers[i].group, network.layers[i].table, files.layer_pj[i]);
  }
  if (network.layers.size() > 1) {
    table.add_rule();
    add("all", network.table, files.total_pj);
  }
  return table.text();
}

void run(const Options& options) {
  const Stopwatch watch;
  HardwareSource hardware_source = load_hardware(options.hardware);
  require_cell_library(hardware_source);
  apply_timing(options.timing, hardware_source.config);
  const config::HardwareConfig& config = hardware_source.config;
  const energy::EnergyTables tables = energy::read_tables(options.tables);
  accelergy::ExportParams params;
  params.fidelity = energy::parse_fidelity(options.fidelity);
  params.group =
      options.group == "cell" ? accelergy::ComputeGroup::cell : accelergy::ComputeGroup::layer;
  params.most_entries = options.most_entries;
  params.threads = options.thread_count();
  accelergy::require_exportable(config, tables, params);
  const WorkloadSource source = load_source(options, config);
  if (!options.layer.empty()) {
    params.only_layer = accelergy::find_layer(*source.traces, options.layer);
  }
  require_writable_directory(options.out);
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);
  energy::require_tables_match(tables, hardware, options.tables.string());
  energy::require_activations(tables, *source.traces, options.tables.string());
  const accelergy::NetworkExport network =
      accelergy::export_network(hardware, *source.traces, tables, params, make_progress_printer());
  const accelergy::ExportFiles files =
      accelergy::export_files(config, network, origin(options, config, source, tables, network));
  for (const accelergy::ExportFile& file : files.files) {
    const std::filesystem::path path = options.out / file.name;
    require_writable_directory(path.parent_path());
    write_file_atomically(path, file.text);
  }
  report::write_result(options.out / "export-accelergy.json",
                       result_json(options, config, source, network, files, watch.seconds()));
  fmt::print(
      "{} on {}: energies for Accelergy and Timeloop, read back and added up again\n\n{}\n"
      "Results: {}\n",
      source.name, config.name, result_text(network, files), options.out.string());
}

}  // namespace

void add_export_accelergy_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "export-accelergy", "energies and action counts per layer, for Accelergy and Timeloop");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--tables", options->tables, "energy tables, as `calibrate` wrote them")
      ->required();
  command->add_option("--model", options->model, "int8 network (ONNX, QDQ)");
  command->add_option("--workload", options->workload,
                      "with --model: the workload with the test images (default: the one named in "
                      "the model); without: a SCALE-Sim topology (.csv)");
  command->add_option("--operands", options->operands,
                      "instead of a model: weights and activations per layer (.npz, .h5)");
  command->add_option("--images", options->images, "the first N images")
      ->check(CLI::PositiveNumber);
  command->add_option("--batch", options->batch_size, "images per weight load")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--layer", options->layer, "one layer alone: its name or number (from 0)");
  command
      ->add_option("--group", options->group,
                   "argument `group` of `compute`: the layer, or the cell of the tables' grouping")
      ->check(CLI::IsMember({"layer", "cell"}))
      ->capture_default_str();
  command
      ->add_option("--fidelity", options->fidelity,
                   "table: every transition looked up; layer: from the layer's statistics")
      ->check(CLI::IsMember({"layer", "table"}))
      ->capture_default_str();
  command
      ->add_option("--max-entries", options->most_entries,
                   "with --group cell: refuses more entries of `compute` in one ERT")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_mapping_option(*command, options->mapping, ModelMapping::used);
  add_timing_options(*command, options->timing);
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
