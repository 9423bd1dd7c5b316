// `simulate --gating-study`: what each gating option saves for one network.
#pragma once

#include "sim/cli/energy_run.h"

namespace togglewise::cli {

// Writes gating-study.json and prints the table, at the most certain fidelity asked for. The
// hardware's own section `gating` is left out of account.
void run_gating_study(const config::HardwareConfig& config, const WorkloadSource& source,
                      const EnergyRunParams& params);

}  // namespace togglewise::cli
