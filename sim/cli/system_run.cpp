#include "sim/cli/system_run.h"

#include <cstddef>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/network/gemm_inference.h"
#include "sim/systemc/system_model.h"

namespace togglewise::cli {
namespace {

// What the layer leaves in DRAM, as numbers: requantized, or the accumulators with bias.
std::vector<std::int32_t> expected_outputs(const network::TracedLayer& traced, int batch_size) {
  const network::PreparedGemm gemm(traced.layer);
  const auto pixels = static_cast<std::size_t>(traced.layer.gemm().output_pixels);
  std::vector<std::int32_t> outputs;
  network::LayerSums sums;
  for (int image = 0; image < batch_size; ++image) {
    gemm.accumulate(
        traced.ifmaps.data() + static_cast<std::size_t>(image) * traced.layer.input.size(), sums);
    if (traced.layer.output_scale != 0) {
      const std::vector<std::int8_t> values = gemm.requantized(sums);
      outputs.insert(outputs.end(), values.begin(), values.end());
      continue;
    }
    const std::vector<std::int32_t> values = gemm.dense(sums);
    for (std::size_t i = 0; i < values.size(); ++i) {
      outputs.push_back(values[i] + traced.layer.bias[i / pixels]);
    }
  }
  return outputs;
}

bool same_cycles(const array::LayerCycles& a, const array::LayerCycles& b) {
  if (a.tiles != b.tiles || a.cycles != b.cycles || a.compute != b.compute ||
      a.weight_load != b.weight_load || a.fill_drain != b.fill_drain || a.stall != b.stall) {
    return false;
  }
  const auto left = a.accesses.lines();
  const auto right = b.accesses.lines();
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].second.read_bytes != right[i].second.read_bytes ||
        left[i].second.write_bytes != right[i].second.write_bytes) {
      return false;
    }
  }
  return true;
}

void require_agreement(const config::HardwareConfig& hardware, const network::TracedLayer& traced,
                       int batch_size, const systemc::SystemRun& run) {
  std::vector<std::int32_t> outputs(run.ofmap.begin(), run.ofmap.end());
  outputs.insert(outputs.end(), run.accumulators.begin(), run.accumulators.end());
  if (outputs != expected_outputs(traced, batch_size)) {
    throw Error::run("TW-SYS-002", fmt::format("layer '{}': the system model's outputs differ from "
                                               "integer arithmetic",
                                               traced.layer.name))
        .expected("equal outputs: this is a defect of Togglewise");
  }
  const array::LayerCycles model =
      array::layer_cycles(hardware, array::shape_of(traced.layer, batch_size, traced.mapping));
  if (!same_cycles(run.cycles, model)) {
    throw Error::run("TW-SYS-002",
                     fmt::format("layer '{}': {} cycles in the system model, {} in the cycle "
                                 "model, or other accesses",
                                 traced.layer.name, run.cycles.cycles, model.cycles))
        .expected("equal cycles and accesses: this is a defect of Togglewise");
  }
}

}  // namespace

SystemRunResult run_system(const config::HardwareConfig& hardware, const network::Traces& traces,
                           const ProgressFunction& progress) {
  systemc::SystemModel model;
  SystemRunResult result;
  for (const network::TracedLayer& traced : traces.layers) {
    const systemc::SystemRun run = model.run_layer(hardware, traced.layer, traced.ifmaps.data(),
                                                   traces.batch_size, traced.mapping);
    require_agreement(hardware, traced, traces.batch_size, run);
    result.cycles.push_back(run.cycles);
    result.outputs += run.ofmap.size() + run.accumulators.size();
    progress("SystemC system model", result.cycles.size(), traces.layers.size());
  }
  return result;
}

}  // namespace togglewise::cli
