// The fidelities of `simulate` that measure energies: layer, table and gate.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "sim/cli/workload_source.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/network_energy.h"

namespace togglewise::cli {

struct EnergyRunParams {
  std::vector<energy::Fidelity> fidelities;  // from fast to certain
  std::filesystem::path tables;              // for layer and table
  std::filesystem::path out;
  std::uint64_t seed = 1;
  int threads = 1;
};

// Writes simulate-FIDELITY.json and .csv for each, and prints the most certain one and how the
// others differ from it. `source` must have operands.
void run_energy_fidelities(const config::HardwareConfig& config, const WorkloadSource& source,
                           const EnergyRunParams& params);

}  // namespace togglewise::cli
