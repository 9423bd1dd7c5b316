#include "sim/cli/timing_options.h"

#include <CLI/CLI.hpp>

#include "sim/base/error.h"
#include "sim/gate/make_mac_engine.h"

namespace togglewise::cli {

void add_timing_options(CLI::App& command, TimingOptions& options, BothTimings both) {
  command.add_option("--timing", options.timing,
                     std::string("gate level: zero (settled values) or inertial (glitches too)") +
                         (both == BothTimings::allowed ? ", or both, one after the other" : "") +
                         "; default: as the hardware configuration says");
  command
      .add_option("--quantum-ps", options.quantum_ps,
                  "time step of inertial timing in ps; 0: chosen from the library")
      ->check(CLI::Range(0.0, 10000.0));
}

void apply_timing(const TimingOptions& options, config::HardwareConfig& config) {
  if (!options.timing.empty()) {
    config.energy.timing = gate::to_string(gate::parse_timing(options.timing));
  }
  if (!options.quantum_ps) return;
  if (config.energy.timing != "inertial") {
    throw Error::input("TW-CLI-010", "--quantum-ps is given, but the timing is zero")
        .expected("--timing inertial beside it");
  }
  config.energy.quantum_ps = *options.quantum_ps;
}

}  // namespace togglewise::cli
