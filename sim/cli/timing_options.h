// --timing and --quantum-ps: the gate engine's idea of time, over what the hardware file says.
#pragma once

#include <optional>
#include <string>

#include "sim/config/hardware_config.h"

namespace CLI {
class App;
}

namespace togglewise::cli {

struct TimingOptions {
  std::string timing;  // "": as the hardware configuration says
  std::optional<double> quantum_ps;
};

constexpr const char* kBothTimings = "both";
enum class BothTimings { no, allowed };

void add_timing_options(CLI::App& command, TimingOptions& options,
                        BothTimings both = BothTimings::no);

// Throws TW-GATE-004 for an unknown timing (also for "both"), TW-CLI-010 for a quantum without
// inertial timing.
void apply_timing(const TimingOptions& options, config::HardwareConfig& config);

}  // namespace togglewise::cli
