#include "sim/sweep/sweep_workload.h"

#include <utility>

#include <fmt/format.h>

#include "sim/base/hash.h"

namespace togglewise::sweep {
namespace {

template <typename T>
std::string hash_values(const std::vector<T>& values) {
  return hash_bytes(values.data(), values.size() * sizeof(T));
}

std::string shape_text(const array::LayerShape& layer) {
  const network::GemmShape& gemm = layer.gemm;
  return fmt::format("\n{} {} {} {} {} {} {} {}", layer.name, gemm.reduction, gemm.output_channels,
                     gemm.output_pixels, gemm.groups, layer.batch_size, layer.kernel_size,
                     layer.ifmap_channel_bytes);
}

std::string operand_text(const network::TracedLayer& traced) {
  const network::GemmLayer& layer = traced.layer;
  const network::Window& window = layer.window;
  return fmt::format("\n{} {} {} {} {} {} {} {} {} {} {} {}", traced.images,
                     hash_values(layer.weights), hash_values(traced.ifmaps), layer.input.channels,
                     layer.input.height, layer.input.width, window.stride_height,
                     window.stride_width, window.pad_top, window.pad_left, window.dilation_height,
                     window.dilation_width);
}

}  // namespace

std::string content_hash(const SweepWorkload& workload) {
  std::string text = fmt::format("{} {}", workload.batch_size, workload.synthetic);
  for (const array::LayerShape& layer : workload.layers) text += shape_text(layer);
  if (workload.traces) {
    for (const network::TracedLayer& layer : workload.traces->layers) text += operand_text(layer);
  }
  return hash_bytes(text);
}

WorkloadStore::Key WorkloadStore::key_of(const config::HardwareConfig& hardware,
                                         const RunSetup& run) {
  return {run.workload.string(),
          run.model.string(),
          run.operands.string(),
          run.images,
          run.batch_size,
          run.seed,
          run.fidelity != "cycles",
          hardware.array.weight_bits,
          hardware.array.activation_bits};
}

void WorkloadStore::add(const config::HardwareConfig& hardware, const RunSetup& run) {
  const Key key = key_of(hardware, run);
  if (workloads_.count(key) > 0) return;
  SweepWorkload workload = load_(hardware, run, run.fidelity != "cycles");
  workload.content_hash = content_hash(workload);
  workloads_.emplace(key, std::move(workload));
}

const SweepWorkload& WorkloadStore::of(const config::HardwareConfig& hardware,
                                       const RunSetup& run) const {
  return workloads_.at(key_of(hardware, run));
}

}  // namespace togglewise::sweep
