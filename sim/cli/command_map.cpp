#include <algorithm>
#include <memory>
#include <numeric>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/mapping_memory.h"
#include "sim/cli/mapping_report.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/run_inputs.h"
#include "sim/cli/timing_options.h"
#include "sim/energy/energy_tables.h"
#include "sim/mapping/mapping_check.h"

namespace togglewise::cli {
namespace {

constexpr const char* mapping_file = "mapping.json";

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path model;
  std::filesystem::path workload;
  std::filesystem::path traces;
  std::filesystem::path tables;
  std::vector<std::string> allow;
  int images = 16;
  int judging_images = 2;
  int test_images = 8;
  TimingOptions timing;
};

// What the hardware allows, or of it what --allow names.
config::HardwareConfig::MappingPermissions permissions(const Options& options,
                                                       const config::HardwareConfig& config) {
  if (options.allow.empty()) return config.mapping;
  const auto wanted = config::mapping_permissions(options.allow);
  const std::vector<std::string> allowed = mapping::names_of(config.mapping);
  for (const std::string& name : mapping::names_of(wanted)) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    throw Error::input("TW-MAP-008",
                       fmt::format("--allow names {}, which {} does not allow", name, config.name))
        .at(config.file.string())
        .expected(fmt::format("mapping.allow to name {}", name));
  }
  return wanted;
}

mapping::SearchParams search_params(const Options& options, const config::HardwareConfig& config) {
  if (options.judging_images >= options.images) {
    throw Error::input("TW-MAP-009", fmt::format("{} of {} images shall judge mappings, none is "
                                                 "left to propose them",
                                                 options.judging_images, options.images))
        .expected("--images larger than --judging-images");
  }
  mapping::SearchParams params;
  params.allow = permissions(options, config);
  params.proposing_images = options.images - options.judging_images;
  params.judging_images = options.judging_images;
  params.seed = options.seed;
  params.threads = options.thread_count();
  return params;
}

// With traces a workload is for the report's test images only: nothing, where the model names one
// that is not here.
std::optional<config::WorkloadConfig> find_workload(const Options& options,
                                                    const LoadedModel& model) {
  if (options.workload.empty() && model.network.metadata.count("togglewise.workload") == 0) {
    return std::nullopt;
  }
  std::filesystem::path file;
  try {
    file = path_from_model(options.workload, model, "togglewise.workload", "--workload");
  } catch (const Error& error) {
    if (options.traces.empty()) throw;
    announce(fmt::format("no test images: {}", error.message()));
    return std::nullopt;
  }
  return config::read_workload_config(file);
}

// Operands to search on: training images, so that test images stay unseen.
network::Traces search_operands(const Options& options, const LoadedModel& model,
                                const std::optional<config::WorkloadConfig>& workload) {
  if (!options.traces.empty()) {
    network::Traces traces = network::read_traces(options.traces);
    energy::require_traces_of_network(traces, options.traces.string(), model.identity.hash,
                                      options.model.string());
    return traces;
  }
  if (!workload) {
    throw Error::input("TW-MAP-009", "there are no operands to search on")
        .expected("--traces FILE.h5, or --workload WORKLOAD.yaml with training images");
  }
  const network::Dataset dataset = network::read_training_set(*workload);
  if (static_cast<std::size_t>(options.images) > dataset.size()) {
    throw Error::input("TW-CLI-004", fmt::format("--images asks for {} images", options.images))
        .at(workload->file.string())
        .expected(fmt::format("1 to {}, the size of the training set", dataset.size()));
  }
  std::vector<std::size_t> indices(static_cast<std::size_t>(options.images));
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  const std::string source =
      fmt::format("training images 0..{} of {}", options.images - 1, workload->name);
  announce("integer inference of " + source);
  return network::trace_network(model.network, dataset, indices, source, options.thread_count());
}

// Everything that the search depends on.
std::string fingerprint(const energy::MacHardware& hardware, const network::Traces& traces,
                        const mapping::SearchParams& params, const std::string& tables_hash) {
  std::string key =
      fmt::format("{} {} {} {} {} {} {} {} {}", kVersion, hardware.config().text_hash,
                  hardware.key(), hardware.config().energy.timing, hardware.quantum_ps(),
                  tables_hash, params.proposing_images, params.judging_images, params.seed);
  for (const std::string& name : mapping::names_of(params.allow)) key += ' ' + name;
  for (const network::TracedLayer& traced : traces.layers) {
    key += ' ' + traced.layer.name;
    key += ' ' + hash_bytes(traced.layer.weights.data(), traced.layer.weights.size());
    key += ' ' + hash_bytes(traced.ifmaps.data(), traced.ifmaps.size());
  }
  return hash_bytes(key);
}

mapping::NetworkMapping to_mapping(const mapping::SearchResult& result,
                                   const mapping::SearchParams& params,
                                   const energy::MacHardware& hardware,
                                   const network::Traces& traces) {
  const config::HardwareConfig& config = hardware.config();
  mapping::NetworkMapping mapping;
  mapping.tool_version = kVersion;
  mapping.network_name = traces.network_name;
  mapping.model_hash = traces.model_hash;
  mapping.hardware_name = config.name;
  mapping.array_rows = config.array.rows;
  mapping.array_columns = config.array.columns;
  mapping.seed = params.seed;
  mapping.allowed = mapping::names_of(params.allow);
  mapping.operand_source = traces.image_source;
  mapping.timing = hardware.engine().timing();
  mapping.partial_sum_offset = result.partial_sum_offset;
  for (std::size_t l = 0; l < result.layers.size(); ++l) {
    mapping.layers.push_back(
        {result.layers[l].layer, traces.layers[l].layer.gemm(), result.layers[l].mapping});
  }
  mapping::complete_signs(mapping);
  return mapping;
}

std::optional<MappingTest> measure_test(const Options& options, const LoadedModel& model,
                                        const std::optional<config::WorkloadConfig>& workload,
                                        const energy::MacHardware& hardware,
                                        const mapping::NetworkMapping& mapping) {
  if (!workload || options.test_images == 0) return std::nullopt;
  const TestImages images = first_test_images(*workload, options.test_images);
  MappingTest test;
  test.image_source = images.source;
  network::Traces traces = network::trace_network(model.network, images.dataset, images.indices,
                                                  images.source, options.thread_count());
  const auto measured = [&] {
    return energy::network_energy(hardware, traces, energy::Fidelity::gate, nullptr,
                                  options.thread_count(), make_progress_printer());
  };
  announce("natural mapping, " + images.source);
  test.natural = measured();
  mapping::apply_mapping(mapping, hardware.config(), mapping_file, traces);
  announce("mapping found, " + images.source);
  test.mapped = measured();
  return test;
}

void run(const Options& options) {
  const Stopwatch watch;
  config::HardwareConfig config = config::read_hardware_config(options.hardware);
  apply_timing(options.timing, config);
  const mapping::SearchParams params = search_params(options, config);
  const LoadedModel model = load_model(options.model, config);
  const std::optional<config::WorkloadConfig> workload = find_workload(options, model);
  const energy::EnergyTables tables = energy::read_tables(options.tables);
  require_writable_directory(options.out);
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);
  energy::require_tables_match(tables, hardware, options.tables.string());
  const network::Traces traces = search_operands(options, model, workload);
  energy::require_activations(tables, traces, options.tables.string());

  const std::string tables_hash = hash_bytes(read_file(options.tables));
  MappingMemory memory(options.out / (std::string(mapping_file) + ".partial"),
                       fingerprint(hardware, traces, params, tables_hash), traces);
  announce(fmt::format(
      "searching on {} images, {} of them judge; an interrupted run goes on where "
      "it was{}",
      options.images, options.judging_images,
      memory.known_layers() == 0 ? std::string()
                                 : fmt::format(": {} layers are known", memory.known_layers())));
  const Stopwatch search_watch;
  const mapping::SearchResult result = mapping::search_mapping(
      hardware, traces, tables, params, memory.hooks(), make_progress_printer());
  const double search_seconds = search_watch.seconds();
  const mapping::NetworkMapping mapping = to_mapping(result, params, hardware, traces);

  MappingRun description;
  description.hardware = &config;
  description.model = model.identity;
  if (workload) description.workload = workload->name;
  description.mapping = &mapping;
  description.mapping_file = mapping_file;
  description.mapping_hash = hash_bytes(mapping::mapping_text(mapping));
  description.tables_name =
      fmt::format("{} ({})", options.tables.filename().string(), tables_hash.substr(0, 12));
  description.params = &params;
  description.result = &result;
  description.test = measure_test(options, model, workload, hardware, mapping);
  description.search_seconds = search_seconds;
  description.seconds = watch.seconds();
  mapping::write_mapping(mapping, options.out / mapping_file);
  write_file_atomically(options.out / "map.csv", map_csv(description));
  report::write_result(options.out / "map.json", map_json(description));
  memory.forget();
  fmt::print("{} on {}, mapping of {} layers\n\n{}\nResults: {}\n", model.identity.name,
             config.name, mapping.layers.size(), map_text(description), options.out.string());
}

}  // namespace

void add_map_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "map", "how each layer lies best on the array: signs, orders, offset; no result changes");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--model", options->model, "int8 network (ONNX, QDQ)")->required();
  command
      ->add_option("--tables", options->tables,
                   "energy tables of the same timing, as `calibrate` wrote them: they propose")
      ->required();
  command->add_option("--workload", options->workload,
                      "workload with training images to search on and test images to report on "
                      "(default: the one named in the model)");
  command->add_option("--traces", options->traces,
                      "operands to search on, instead of the workload's training images (HDF5)");
  command
      ->add_option("--images", options->images,
                   "search on the first N images of these; the last of them judge")
      ->check(CLI::Range(2, 1 << 20))
      ->capture_default_str();
  command
      ->add_option("--judging-images", options->judging_images,
                   "how many of them judge at the gates what the others propose")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command
      ->add_option("--test-images", options->test_images,
                   "report on the first N test images, which the search does not see; 0: none")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  command
      ->add_option("--allow", options->allow,
                   "use nothing else of what the hardware's mapping.allow permits (with commas)")
      ->delimiter(',');
  add_timing_options(*command, options->timing);
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
