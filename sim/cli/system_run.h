// `simulate --fidelity system`: every layer's first batch through the SystemC system model, cycle
// by cycle and with its data.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/cycle_model.h"
#include "sim/base/progress.h"
#include "sim/config/hardware_config.h"
#include "sim/network/traces.h"

namespace togglewise::cli {

struct SystemRunResult {
  std::vector<array::LayerCycles> cycles;  // one per layer
  std::uint64_t outputs = 0;               // OFMAP values that equal integer arithmetic: all
};

// Throws TW-SYS-002 when a layer's outputs differ from integer arithmetic, or its cycles or memory
// accesses from the cycle model; TW-ARRAY-001 when a tile does not fit a memory.
SystemRunResult run_system(const config::HardwareConfig& hardware, const network::Traces& traces,
                           const ProgressFunction& progress);

}  // namespace togglewise::cli
