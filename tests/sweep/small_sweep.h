// A folder with a base configuration and sweep files over it; a workload made in code.
#pragma once

#include <memory>
#include <string>

#include "sim/base/files.h"
#include "sim/base/random.h"
#include "sim/sweep/sweep_run.h"

namespace togglewise::sweep {

class SmallSweep {
 public:
  SmallSweep() {
    const std::string rtl = std::string(TOGGLEWISE_SOURCE_DIR) + "/rtl/";
    write("hw.yaml",
          "name: base\narray:\n  rows: 16\n  columns: 16\n  partial_sum_bits: 20\n"
          "clock_period_ps: 8000\nmac:\n  rtl: [" +
              rtl + "multiplier.sv, " + rtl + "adder.sv, " + rtl +
              "mac.sv]\n  top: mac\ntechnology:\n"
              "  liberty: /usr/share/qflow/tech/osu018/osu018_stdcells.lib\n");
  }

  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  void write(const std::string& name, const std::string& text) const {
    write_file_atomically(path(name), text);
  }
  // A sweep file of this block `sweep:`, on line 4 and below.
  std::filesystem::path sweep_file(const std::string& block,
                                   const std::string& fidelity = "cycles") const {
    write("sweep.yaml",
          "name: small\nhardware: hw.yaml\nfidelity: " + fidelity + "\nsweep:\n" + block);
    return path("sweep.yaml");
  }

 private:
  TemporaryDirectory folder_;
};

// Two layers of random operands; the seed of the run is that of the operands.
inline SweepWorkload small_workload(const config::HardwareConfig&, const RunSetup& run,
                                    bool need_operands) {
  SweepWorkload workload;
  workload.name = "two layers";
  workload.batch_size = run.batch_size;
  auto traces = std::make_shared<network::Traces>();
  traces->batch_size = run.batch_size;
  Random random(run.seed);
  for (const int channels : {3, 20}) {
    network::TracedLayer traced;
    traced.images = 2 * run.batch_size;
    network::GemmLayer& layer = traced.layer;
    layer.name = "layer" + std::to_string(channels);
    layer.input = {channels, 6, 6};
    layer.window.kernel_height = layer.window.kernel_width = 3;
    layer.output = {18, 4, 4};
    for (int i = 0; i < 18 * channels * 9; ++i) {
      layer.weights.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
    }
    layer.bias.assign(18, 0);
    layer.weight_scale.assign(18, 1.0F);
    traced.ifmaps.resize(layer.input.size() * static_cast<std::size_t>(traced.images));
    for (std::int8_t& value : traced.ifmaps) {
      value = static_cast<std::int8_t>(std::max(0, random.between(-60, 127)));
    }
    workload.layers.push_back(array::shape_of(layer, run.batch_size));
    traces->layers.push_back(std::move(traced));
  }
  if (need_operands) {
    workload.operand_source = "random numbers";
    workload.synthetic = true;
    workload.images = traces->layers[0].images;
    workload.traces = std::move(traces);
  }
  return workload;
}

inline PreparedSweep prepare(const std::filesystem::path& file) {
  return PreparedSweep(read_sweep_file(file), small_workload, 1);
}

// Nobody else: what a process that mpirun did not start has.
inline std::unique_ptr<Ranks> alone() { return join_ranks(); }

}  // namespace togglewise::sweep
