// What calibrate puts through the gates: a network's traces, or operands drawn from statistics.
#pragma once

#include <cstdint>
#include <filesystem>

#include "sim/config/hardware_config.h"
#include "sim/network/traces.h"

namespace CLI {
class App;
}

namespace togglewise::cli {

struct CalibrationOperandOptions {
  std::filesystem::path traces;      // "": none
  std::filesystem::path topology;    // SCALE-Sim .csv; "": none
  std::filesystem::path statistics;  // YAML; "": none

  // What the operands come from, for result files.
  const std::filesystem::path& file() const {
    return !traces.empty() ? traces : !topology.empty() ? topology : statistics;
  }
};

void add_calibration_operand_options(CLI::App& command, CalibrationOperandOptions& options);

// Throws TW-CLI-020 unless there are traces, or a topology or statistics or both of these, and what
// the files' readers throw.
network::Traces calibration_operands(const CalibrationOperandOptions& options,
                                     const config::HardwareConfig& hardware, std::uint64_t seed);

}  // namespace togglewise::cli
