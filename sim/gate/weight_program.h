// The MAC's circuit with one weight wired in: what is left after constants, equal and inverted
// signals have been merged, as a straight line of operations over reusable slots.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/gate/lut_network.h"
#include "sim/gate/mac_kernels.h"

namespace togglewise::gate {

// What a netlist net became: a counter of the program (its toggles, directly or inverted), or none
// because it is constant under this weight.
constexpr std::int16_t kNeverToggles = -1;

struct WeightProgram {
  int weight = 0;
  std::vector<KernelOperation> operations;  // `kernel` filled in per mode by the engine
  int slots = 0;
  int counters = 0;
  int tables = 0;                            // operations that compute, for statistics
  std::vector<std::int16_t> counter_of_net;  // per net of the netlist
};

WeightProgram build_weight_program(const LutNetwork& network, int weight);

}  // namespace togglewise::gate
