// The parts that the commands' result files (*.json) share. Keys carry their unit; wall-clock time
// goes under "timing" only, so that everything else repeats to the last bit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/config/hardware_config.h"
#include "sim/energy/energy_sources.h"
#include "sim/energy/network_energy.h"

namespace togglewise::report {

using Json = nlohmann::ordered_json;  // keys stay in the order of insertion

std::string tool_version();

// {"tool": "togglewise", "version": …, "command": …, "seed": …}: how every result file starts.
Json result_header(const std::string& command, std::uint64_t seed);

// {"name", "file", "rows", …, "liberty", "grouping"}
Json hardware_json(const config::HardwareConfig& hardware);

struct ModelIdentity {
  std::string name;
  std::string file;
  std::string hash;  // hash_bytes of the ONNX file
};
Json model_json(const ModelIdentity& model);

// {"partial_sum": {"active", "idle_rows", "idle_columns"}, "activation": {…}, "weight",
//  "shadow_weight", "skew", "deskew", "weight_update"}
Json toggles_json(const array::ToggleCounts& toggles);

// Everything that `simulate` knows of one run.
struct SimulateRun {
  std::uint64_t seed = 0;
  const config::HardwareConfig* hardware = nullptr;
  ModelIdentity model;
  std::string workload;                       // name; "" when there is none
  std::string image_source;                   // for people: "test images 0..199 of …"
  double seconds = 0;                         // wall clock
  std::vector<energy::EnergySource> sources;  // of the lines; {} leaves them out
};
Json simulate_json(const SimulateRun& run, const energy::NetworkEnergy& network);

// Writes `result` indented by two spaces, atomically; text that is not UTF-8 is replaced.
// Throws TW-FILE-002.
void write_result(const std::filesystem::path& file, const Json& result);

}  // namespace togglewise::report
