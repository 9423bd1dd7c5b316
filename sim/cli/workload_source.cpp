#include "sim/cli/workload_source.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/run_inputs.h"
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

void add_layers(const std::vector<network::GemmLayer>& layers, WorkloadSource& source) {
  for (const network::GemmLayer& layer : layers) {
    source.layers.push_back(array::shape_of(layer, source.batch_size));
  }
}

void add_traces(network::Traces traces, WorkloadSource& source) {
  traces.batch_size = source.batch_size;
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
  std::vector<network::GemmLayer> layers;
  for (const topology::TopologyLayer& layer : topology.layers) layers.push_back(layer.geometry());
  add_layers(layers, source);
  if (!options.need_operands) return;
  topology::SyntheticParams params;
  params.weight_bits = hardware.array.weight_bits;
  params.activation_bits = hardware.array.activation_bits;
  params.images = options.images > 0 ? options.images : options.batch_size;
  params.seed = options.seed;
  add_traces(topology::synthetic_traces(topology, params), source);
}

void load_operands(const config::HardwareConfig& hardware, const WorkloadSourceOptions& options,
                   WorkloadSource& source) {
  network::Traces traces = topology::read_operands(options.operands, hardware.array.weight_bits,
                                                   hardware.array.activation_bits);
  source.name = traces.network_name;
  source.model = {traces.network_name, options.operands.string(), traces.model_hash};
  for (network::TracedLayer& traced : traces.layers) {
    source.layers.push_back(array::shape_of(traced.layer, source.batch_size));
    if (options.images == 0 || options.images == traced.images) continue;
    if (options.images > traced.images) {
      throw Error::input("TW-CLI-004", fmt::format("--images asks for {} images", options.images))
          .at(options.operands.string())
          .expected(fmt::format("1 to {}, what the file holds for each layer", traced.images));
    }
    traced.images = options.images;
    traced.ifmaps.resize(traced.layer.input.size() * static_cast<std::size_t>(traced.images));
  }
  if (options.need_operands) add_traces(std::move(traces), source);
}

void load_network(const config::HardwareConfig& hardware, const WorkloadSourceOptions& options,
                  WorkloadSource& source) {
  const LoadedModel model = load_model(options.model, hardware);
  source.name = model.identity.name;
  source.model = model.identity;
  source.mapping = load_mapping(options.mapping, model.network.metadata, model.identity.file);
  for (const network::GemmLayer* layer : model.network.gemm_layers()) {
    source.layers.push_back(array::shape_of(*layer, source.batch_size));
  }
  if (!options.need_operands) return;
  const config::WorkloadConfig workload = config::read_workload_config(
      path_from_model(options.workload, model, "togglewise.workload", "--workload"));
  const TestImages images =
      first_test_images(workload, options.images > 0 ? options.images : default_model_images);
  source.workload = images.workload;
  announce(fmt::format("integer inference of {}", images.source));
  add_traces(network::trace_network(model.network, images.dataset, images.indices, images.source,
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
  // Without operands only cycles are asked for, which do not depend on the mapping.
  if (source.mapping && source.traces) apply_mapping(*source.mapping, hardware, *source.traces);
  return source;
}

}  // namespace togglewise::cli
