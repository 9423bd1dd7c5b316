// A circuit with some of its inputs wired to constants, a MAC's weight above all: what is left
// after constants, equal and inverted signals have been merged, as a straight line of operations
// over reusable slots.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/gate/lut_network.h"
#include "sim/gate/mac_kernels.h"

namespace togglewise::gate {

// What a netlist net became: a counter of the program (its toggles, directly or inverted), or none
// because it is constant.
constexpr std::int16_t kNeverToggles = -1;

struct WeightProgram {
  // In runs of one kernel each; counters ascend with the operations.
  std::vector<KernelOperation> operations;
  int slots = 0;
  int counters = 0;
  int tables = 0;                            // operations that compute, for statistics
  std::vector<std::int16_t> counter_of_net;  // per net of the netlist
};

// What an input bit of the network is.
enum class InputBit : std::int8_t { low, high, variable };

// `inputs`: per input bit of the network. Input i is plane i, outputs are planes from 0 on.
WeightProgram build_program(const LutNetwork& network, const std::vector<InputBit>& inputs);
WeightProgram build_program(const LutNetwork& network);  // all inputs variable

// Of build_mac_network() under one weight.
WeightProgram build_weight_program(const LutNetwork& mac, int weight_bits, int weight);

}  // namespace togglewise::gate
