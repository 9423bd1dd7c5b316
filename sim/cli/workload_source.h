// Where a run's layers come from: a model with its images, a SCALE-Sim topology, or operand arrays.
// The commands see layers, and operands where there are any, and do not care which it was.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/array/cycle_model.h"
#include "sim/cli/mapping_option.h"
#include "sim/config/hardware_config.h"
#include "sim/network/traces.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

struct WorkloadSourceOptions {
  std::filesystem::path workload;  // workload YAML or SCALE-Sim topology .csv; "": none given
  std::filesystem::path model;     // ONNX, int8; "": none
  std::filesystem::path operands;  // .h5 or .npz; "": none
  int images = 0;      // whose operands are made; 0: the source's own number: the first 200 test
                       // images, one batch of synthetic ones, all that an operand file holds
  int batch_size = 1;  // images streamed through a tile without reloading
  std::uint64_t seed = 1;  // of synthetic operands
  int threads = 1;
  std::string mapping;         // as --mapping: a file, "none", or "" for the model's own
  bool need_operands = false;  // false: only shapes are wanted, and no inference is run
};

struct WorkloadSource {
  std::string name;            // of the network or the topology, for reports
  std::string workload;        // name of the workload YAML; "" when there is none
  std::string operand_source;  // for people: "test images 0..9 of …", "synthetic operands (…)"; ""
                               // without operands
  bool synthetic = false;  // operands drawn at random, not from a network and its data
  int batch_size = 1;      // images streamed through a tile without reloading
  std::vector<array::LayerShape> layers;  // of one batch, in the order they run
  std::optional<network::Traces> traces;  // with need_operands; same layers
  // How the layers lie on the array, in `layers` and `traces`; absent: naturally.
  std::optional<ChosenMapping> mapping;
  std::optional<report::ModelIdentity> model;  // of the ONNX file, or of the topology or operands
};

// A workload that ends in .csv is a topology of SCALE-Sim's.
bool is_topology_file(const std::filesystem::path& file);

// Throws TW-CLI-006 when there is nothing to run or too much was given, TW-CLI-009 when the images
// are not whole batches, TW-MAP-… for a mapping that does not fit, and whatever the readers of the
// files throw.
WorkloadSource load_workload_source(const config::HardwareConfig& hardware,
                                    const WorkloadSourceOptions& options);

}  // namespace togglewise::cli
