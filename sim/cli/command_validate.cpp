#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/mapping_option.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/run_inputs.h"
#include "sim/cli/timing_options.h"
#include "sim/cli/validation.h"
#include "sim/cli/validation_json.h"
#include "sim/cli/validation_waves.h"
#include "sim/energy/image_chunks.h"
#include "sim/mapping/mapping_check.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path model;
  std::filesystem::path baseline;
  std::filesystem::path workload;
  std::string mapping;
  std::string style = "loop";
  int images = 200;
  int batch_size = 0;  // 0: the workload's
  TimingOptions timing;
  WaveRequest waves;
};

// The network before compression: given, or named in the model; a dense model has none.
std::optional<LoadedModel> load_baseline(const Options& options, const LoadedModel& model,
                                         const config::HardwareConfig& config) {
  if (options.baseline.empty() && model.network.metadata.count("togglewise.baseline") == 0) {
    return std::nullopt;
  }
  return load_model(path_from_model(options.baseline, model, "togglewise.baseline", "--baseline"),
                    config);
}

// A network and how its layers lie on the array: as --mapping says, or as its own metadata does.
struct MappedNetwork {
  const LoadedModel* model = nullptr;
  std::optional<ChosenMapping> mapping;

  std::vector<network::LayerMapping> layers() const {
    std::vector<network::LayerMapping> mappings;
    if (!mapping) return mappings;
    for (const mapping::MappedLayer& layer : mapping->mapping.layers) {
      mappings.push_back(layer.mapping);
    }
    return mappings;
  }
};

MappedNetwork map_network(const LoadedModel& model, const Options& options,
                          const config::HardwareConfig& config) {
  MappedNetwork network{&model,
                        load_mapping(options.mapping, model.network.metadata, model.identity.file)};
  if (!network.mapping) return network;
  const ChosenMapping& chosen = *network.mapping;
  mapping::check_hardware(chosen.mapping, config, chosen.source);
  mapping::check_layers(chosen.mapping, model.network.gemm_layers(), config.array.weight_bits,
                        chosen.source);
  announce(fmt::format("mapping of {}: {}", model.identity.file, chosen.source));
  return network;
}

void run(const Options& options) {
  const Stopwatch watch;
  require_writable_directory(options.out);
  config::HardwareConfig config = config::read_hardware_config(options.hardware);
  apply_timing(options.timing, config);
  const LoadedModel model = load_model(options.model, config);
  const std::optional<LoadedModel> baseline = load_baseline(options, model, config);
  std::vector<MappedNetwork> mapped;
  if (baseline) mapped.push_back(map_network(*baseline, options, config));
  mapped.push_back(map_network(model, options, config));
  const config::WorkloadConfig workload = config::read_workload_config(
      path_from_model(options.workload, model, "togglewise.workload", "--workload"));
  const int batch_size = options.batch_size > 0 ? options.batch_size : workload.batch_size;
  energy::require_whole_batches(options.images, batch_size);
  const TestImages images = first_test_images(workload, options.images);
  ValidationParams params;
  params.style = options.style == "loop" ? systemc::RtlStyle::loop : systemc::RtlStyle::structural;
  params.threads = options.thread_count();
  params.batch_size = batch_size;
  if (!options.waves.file.empty()) {
    params.waves = plan_waves(config, model.network, batch_size, options.waves);
    announce(describe(*params.waves));
  }
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);
  announce(fmt::format("{} through the {}x{} RTL ({})", images.source, config.array.rows,
                       config.array.columns, options.style));
  std::vector<const network::QuantizedNetwork*> networks;
  for (const MappedNetwork& network : mapped) {
    networks.push_back(&network.model->network);
    params.mappings.push_back(network.layers());
  }
  const Validation validation =
      validate(hardware, networks, images.dataset, images.indices, params, make_progress_printer());

  ValidationRun description;
  description.seed = options.seed;
  description.hardware = &config;
  description.model = model.identity;
  if (baseline) description.baseline = baseline->identity;
  description.workload = images.workload;
  description.image_source = images.source;
  description.style = options.style;
  description.seconds = watch.seconds();
  description.sources = energy::energy_sources(hardware, energy::Fidelity::gate, nullptr, "");
  report::Json result = validation_json(description, validation);
  if (mapped.back().mapping) result["mapping"] = mapping_json(mapped.back().mapping);
  if (mapped.front().mapping && baseline) {
    result["baseline_mapping"] = mapping_json(mapped.front().mapping);
  }
  report::write_result(options.out / "validate.json", result);
  if (params.waves) fmt::print("waves: {}\n", params.waves->params.file.string());
  fmt::print("{} on {}, {}\n\n{}\nResults: {}\n", model.identity.name, config.name, images.source,
             validation_text(description, validation), options.out.string());
  if (!validation.passed()) {
    throw Error::run("TW-VALIDATE-001", "the models of the array do not agree")
        .at((options.out / "validate.json").string())
        .expected("no mismatch");
  }
}

void add_trace_options(CLI::App& command, WaveRequest& waves) {
  command.add_option("--trace", waves.file, "writes the waves of one tile, as FST for GTKWave");
  command.add_option("--trace-layer", waves.layer, "its layer (default: the first)");
  command.add_option("--trace-tile", waves.tile, "its number in the layer")->capture_default_str();
  command.add_option("--trace-rows", waves.rows,
                     "array rows in the trace, FIRST:LAST (default: the first four)");
  command.add_option("--trace-columns", waves.columns,
                     "array columns in the trace, FIRST:LAST (default: the first four)");
  command
      .add_option("--trace-limit", waves.limit_megabytes,
                  "refuses a trace that may be larger, in MB")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

}  // namespace

void add_validate_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "validate", "the network cycle by cycle through the RTL, compared and measured gate by gate");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--model", options->model, "int8 network (ONNX, QDQ)")->required();
  command->add_option("--baseline", options->baseline,
                      "network before compression (default: the one named in the model, if any)");
  command->add_option("--workload", options->workload,
                      "workload with the test images (default: the one named in the model)");
  command->add_option("--images", options->images, "the first N test images")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--rtl", options->style, "RTL style")
      ->check(CLI::IsMember({"loop", "structural"}))
      ->capture_default_str();
  command
      ->add_option("--batch", options->batch_size,
                   "images streamed through a tile each time its weights are loaded; 0 = as the "
                   "workload says")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  add_mapping_option(*command, options->mapping, ModelMapping::used);
  add_timing_options(*command, options->timing);
  add_trace_options(*command, options->waves);
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
