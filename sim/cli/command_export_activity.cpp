#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/cli/activity_export.h"
#include "sim/cli/activity_json.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/hardware_source.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/timing_options.h"
#include "sim/cli/workload_source.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path model;
  std::filesystem::path workload;
  std::filesystem::path operands;
  ActivityRequest request;
  std::string format = "saif";
  std::string mapping;
  TimingOptions timing;
  bool cell_pins = false;
  int limit_megabytes = 1000;
};

WorkloadSource load_operands(const Options& options, const config::HardwareConfig& config) {
  WorkloadSourceOptions source;
  source.workload = options.workload;
  source.model = options.model;
  source.operands = options.operands;
  source.images = options.request.image + options.request.images;
  source.seed = options.seed;
  source.threads = options.thread_count();
  source.mapping = options.mapping;
  source.need_operands = true;
  return load_workload_source(config, source);
}

void run(const Options& options) {
  HardwareSource hardware_source = load_hardware(options.hardware);
  require_cell_library(hardware_source);
  apply_timing(options.timing, hardware_source.config);
  const config::HardwareConfig& config = hardware_source.config;
  const WorkloadSource source = load_operands(options, config);
  const ActivitySelection selection = select_activity(options.request, config, *source.traces);
  require_writable_directory(options.out);
  announce(fmt::format("tile {} of {} of layer '{}': {} x {} PEs used", selection.tile,
                       selection.tiles, selection.layer_name, selection.streams.used_rows,
                       selection.streams.used_columns));
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);

  ActivityExportParams params;
  params.saif = options.format != "vcd";
  params.vcd = options.format != "saif";
  params.cell_pins = options.cell_pins;
  params.limit_bytes = static_cast<std::uint64_t>(options.limit_megabytes) * 1'000'000;
  params.out = options.out;
  params.threads = options.thread_count();
  const ActivityExport result =
      export_activity(hardware, selection, params, make_progress_printer());
  ActivityRun description{options.seed, &config, &source, &selection, &params, &options.request};
  report::Json json = activity_json(description, hardware, result);
  if (source.mapping) json["mapping"] = mapping_json(source.mapping);
  report::write_result(options.out / "energy.json", json);
  fmt::print("{}\nResults: {}\n", activity_text(description, result), options.out.string());
}

void add_selection_options(CLI::App& command, ActivityRequest& request) {
  command.add_option("--layer", request.layer,
                     "name or number (from 0) of the layer (default: the first)");
  command.add_option("--tile", request.tile, "its tile, from 0")->capture_default_str();
  command.add_option("--pe", request.pe,
                     "ROW,COLUMN of one PE (default: one in the middle of the tile)");
  command.add_option("--column", request.column, "all used PEs of one column")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--all-pes", request.all_pes, "all used PEs of the tile");
  command.add_option("--image", request.image, "the first image, from 0")
      ->check(CLI::Range(0, 1 << 24))
      ->capture_default_str();
  command.add_option("--images", request.images, "how many images, streamed one after the other")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
}

}  // namespace

void add_export_activity_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "export-activity", "SAIF and VCD of a tile's PEs, for power tools and waveform viewers");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--model", options->model, "int8 network (ONNX, QDQ)");
  command->add_option("--workload", options->workload,
                      "with --model: the workload with the test images (default: the one named in "
                      "the model); without: a SCALE-Sim topology (.csv)");
  command->add_option("--operands", options->operands,
                      "instead of a model: weights and activations per layer (.npz, .h5)");
  add_selection_options(*command, options->request);
  command->add_option("--format", options->format, "saif, vcd or both")
      ->check(CLI::IsMember({"saif", "vcd", "both"}))
      ->capture_default_str();
  command->add_flag("--cell-pins", options->cell_pins,
                    "SAIF: the pins of every cell too, which OpenSTA looks up");
  add_mapping_option(*command, options->mapping, ModelMapping::used);
  add_timing_options(*command, options->timing);
  command->add_option("--limit", options->limit_megabytes, "refuses a file that may be larger, MB")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
