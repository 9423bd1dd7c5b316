// What SCALE-Sim reports for a layer on a weight-stationary array, computed without its matrices:
// the same numbers, so that its users can compare and go on with their scripts.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/topology/scalesim_config.h"
#include "sim/topology/scalesim_memories.h"
#include "sim/topology/topology.h"

namespace togglewise::topology {

struct ScaleSimSramAccesses {
  std::int64_t start_cycle = 0;
  std::int64_t stop_cycle = 0;
  std::int64_t count = 0;
};

// One line of SCALE-Sim's three reports. Its cycles count from 0, so a layer's "total" is its last
// cycle: ceil(K/R)·ceil(N/C)·(2R + C + M − 2) − 1, and the stalls. Togglewise's own single-buffered
// count is one more. Prefetches lie at negative cycles.
struct ScaleSimLayer {
  std::int64_t cycles_with_prefetch = 0;  // from the first DRAM read to the last DRAM write
  std::int64_t total_cycles = 0;
  std::int64_t stall_cycles = 0;
  double overall_utilization_percent = 0;
  double mapping_efficiency_percent = 0;
  double compute_utilization_percent = 0;
  ScaleSimSramAccesses ifmap_sram, filter_sram, ofmap_sram;
  ScaleSimDramAccesses ifmap_dram, filter_dram, ofmap_dram;
};

// A depthwise layer gives a line for every channel, as SCALE-Sim runs it. `config` must have CALC
// bandwidth: throws TW-SCALESIM-005 otherwise.
std::vector<ScaleSimLayer> run_scalesim_layer(const ScaleSimConfig& config,
                                              const TopologyLayer& layer);

// All layers, on several threads; the same for any number of them.
std::vector<ScaleSimLayer> run_scalesim(const ScaleSimConfig& config, const Topology& topology,
                                        int threads);

}  // namespace togglewise::topology
