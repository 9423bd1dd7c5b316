#include "sim/cli/workload_source.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/run_inputs.h"
#include "sim/mapping/mapping_check.h"
#include "sim/topology/operand_file.h"
#include "sim/topology/synthetic_operands.h"
#include "sim/topology/topology.h"

namespace togglewise::cli {
namespace {

constexpr int default_model_images = 200;

Error wrong_combination(const std::string& what) {
  return Error::input("TW-CLI-006", what)
      .expected("one of: --model NET.onnx; --workload TOPOLOGY.csv; --operands FILE.npz or .h5");
}

void check_combination(const WorkloadSourceOptions& options) {
  const bool topology = is_topology_file(options.workload);
  const int sources =
      (options.model.empty() ? 0 : 1) + (topology ? 1 : 0) + (options.operands.empty() ? 0 : 1);
  if (sources == 0) {
    throw wrong_combination(options.workload.empty()
                                ? "nothing to run was given"
                                : "a workload names images, not the network to run");
  }
  if (sources > 1) throw wrong_combination("more than one source of layers was given");
  if (!options.operands.empty() && !options.workload.empty()) {
    throw wrong_combination("--operands brings its own data and takes no --workload");
  }
}

// Checks the mapping, too. Those of the layers that are made up have no weights.
void add_layers(const config::HardwareConfig& hardware,
                const std::vector<const network::GemmLayer*>& layers, WorkloadSource& source) {
  if (source.mapping) {
    mapping::check_hardware(source.mapping->mapping, hardware, source.mapping->source);
    mapping::check_layers(source.mapping->mapping, layers, hardware.array.weight_bits,
                          source.mapping->source);
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {
    source.layers.push_back(array::shape_of(
        *layers[l], source.batch_size,
        source.mapping ? source.mapping->mapping.layers[l].mapping : network::LayerMapping()));
  }
}

void add_traces(const config::HardwareConfig& hardware, network::Traces traces,
                WorkloadSource& source) {
  traces.batch_size = source.batch_size;
  if (source.mapping) apply_mapping(*source.mapping, hardware, traces);
  source.operand_source = traces.image_source;
  source.synthetic = traces.synthetic;
  source.traces = std::move(traces);
}

void load_topology(const config::HardwareConfig& hardware, const WorkloadSourceOptions& options,
                   WorkloadSource& source) {
  const topology::Topology topology = topology::read_topology(options.workload);
  source.name = topology.name;
  source.workload = topology.name;
  source.model = {topology.name, options.workload.string(), topology.text_hash};
  std::vector<network::GemmLayer> geometries;
  for (const topology::TopologyLayer& layer : topology.layers) {
    geometries.push_back(layer.geometry());
  }
  std::vector<const network::GemmLayer*> layers;
  for (const network::GemmLayer& layer : geometries) layers.push_back(&layer);
  add_layers(hardware, layers, source);
  if (!options.need_operands) return;
  topology::SyntheticParams params;
  params.weight_bits = hardware.array.weight_bits;
  params.activation_bits = hardware.array.activation_bits;
  params.images = options.images > 0 ? options.images : options.batch_size;
  params.seed = options.seed;
  add_traces(hardware, topology::synthetic_traces(topology, params), source);
}

void load_operands(const config::HardwareConfig& hardware, const WorkloadSourceOptions& options,
                   WorkloadSource& source) {
  network::Traces traces = topology::read_operands(options.operands, hardware.array.weight_bits,
                                                   hardware.array.activation_bits);
  source.name = traces.network_name;
  source.model = {traces.network_name, options.operands.string(), traces.model_hash};
  std::vector<const network::GemmLayer*> layers;
  for (const network::TracedLayer& traced : traces.layers) layers.push_back(&traced.layer);
  add_layers(hardware, layers, source);
  for (network::TracedLayer& traced : traces.layers) {
    if (options.images == 0 || options.images == traced.images) continue;
    if (options.images > traced.images) {
      throw Error::input("TW-CLI-004", fmt::format("--images asks for {} images", options.images))
          .at(options.operands.string())
          .expected(fmt::format("1 to {}, what the file holds for each layer", traced.images));
    }
    traced.images = options.images;
    traced.ifmaps.resize(traced.layer.input.size() * static_cast<std::size_t>(traced.images));
  }
  if (options.need_operands) add_traces(hardware, std::move(traces), source);
}

void load_network(const config::HardwareConfig& hardware, const WorkloadSourceOptions& options,
                  WorkloadSource& source) {
  const LoadedModel model = load_model(options.model, hardware);
  source.name = model.identity.name;
  source.model = model.identity;
  source.mapping = load_mapping(options.mapping, model.network.metadata, model.identity.file);
  add_layers(hardware, model.network.gemm_layers(), source);
  if (!options.need_operands) return;
  const config::WorkloadConfig workload = config::read_workload_config(
      path_from_model(options.workload, model, "togglewise.workload", "--workload"));
  const TestImages images =
      first_test_images(workload, options.images > 0 ? options.images : default_model_images);
  source.workload = images.workload;
  announce(fmt::format("integer inference of {}", images.source));
  add_traces(hardware,
             network::trace_network(model.network, images.dataset, images.indices, images.source,
                                    options.threads),
             source);
}

void require_whole_batches(const WorkloadSource& source) {
  if (!source.traces) return;
  const int images = source.traces->layers.at(0).images;
  if (images % source.batch_size == 0) return;
  throw Error::input("TW-CLI-009",
                     fmt::format("{} images are no whole batches of {}", images, source.batch_size))
      .expected(fmt::format("--images that is a multiple of {}", source.batch_size));
}

}  // namespace

bool is_topology_file(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".csv";
}

WorkloadSource load_workload_source(const config::HardwareConfig& hardware,
                                    const WorkloadSourceOptions& options) {
  check_combination(options);
  WorkloadSource source;
  source.batch_size = options.batch_size;
  if (options.model.empty()) source.mapping = load_mapping(options.mapping, {}, "");
  if (!options.operands.empty()) {
    load_operands(hardware, options, source);
  } else if (is_topology_file(options.workload)) {
    load_topology(hardware, options, source);
  } else {
    load_network(hardware, options, source);
  }
  require_whole_batches(source);
  return source;
}

}  // namespace togglewise::cli
