// A sweep file (hw_configs/sweeps/*.yaml): a base, and fields of it that take several values.
//
//   name: sizes
//   hardware: ../ws64x64_osu018.yaml
//   model: ../../tests/data/lenet5_fashion_mnist.onnx
//   images: 2
//   fidelity: gate
//   sweep:
//     array.rows: [8, 16, 32]                         # a list,
//     clock_period_ps: {from: 6000, to: 10000, step: 1000}     # or a range
//     array.rows, array.columns: [[8, 16], [16, 8]]   # fields that vary together
//
// Fields are keys of the hardware configuration, dotted, or the run's own (run_fields()). Points
// are the cross product; the field that is named last varies fastest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/hardware_config.h"
#include "sim/config/yaml_reader.h"

namespace togglewise::sweep {

// What a point runs, besides its hardware. Paths are "" when not given.
struct RunSetup {
  std::filesystem::path workload;
  std::filesystem::path model;
  std::filesystem::path operands;
  int images = 0;      // whose operands are made; 0: as many as `simulate` takes
  int batch_size = 1;  // images streamed through a tile without reloading its weights
  std::string fidelity = "cycles";
  std::uint64_t seed = 1;
};

// The keys of a RunSetup, in a sweep file and as fields of a sweep.
class RunKeys {
 public:
  explicit RunKeys(RunSetup& run);
  void declare(config::YamlSection& root);
  void finish();  // after reading

 private:
  RunSetup& run_;
  int seed_;
};

// Fields that a sweep may vary and that are no part of the hardware configuration.
const std::vector<std::string>& run_fields();
// "cycles", and the fidelities of `simulate`.
const std::vector<std::string>& sweep_fidelities();

// One field or several that vary together.
struct SweepAxis {
  std::vector<std::string> fields;
  // levels[i][f]: the i-th value of fields[f], as YAML with its place.
  std::vector<std::vector<config::YamlTree>> levels;
};

struct SweepFile {
  std::filesystem::path file;
  std::string name;
  std::filesystem::path hardware;
  RunSetup run;
  // Operand traces that energy tables are calibrated on, for fidelities layer and table.
  std::filesystem::path calibration_traces;
  int calibration_transitions = 20000;  // per weight value
  std::vector<SweepAxis> axes;

  std::uint64_t point_count() const;
};

// Sweeps with more points are refused.
constexpr std::uint64_t kMostPoints = 200'000;

// Throws TW-CFG-… for the file's own keys, TW-SWEEP-001 … 006 for the block `sweep`.
SweepFile read_sweep_file(const std::filesystem::path& file);

}  // namespace togglewise::sweep
