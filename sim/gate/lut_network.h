// A MAC netlist as look-up tables of at most three inputs, the form that one instruction evaluates.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/tech/netlist.h"

namespace togglewise::gate {

// Node 0 is the constant 0, node 1 the constant 1; then one node per input bit: weight, activation,
// partial sum; then tables, each after its fan-ins.
struct LutNode {
  std::uint8_t table = 0;  // bit (f2·4 + f1·2 + f0); unused fan-ins repeat fanin[0]
  std::array<int, 3> fanin{0, 0, 0};
};

// Registers are transparent here: the node of a register's output is that of its next state. A
// toggle of the output is therefore counted at the transition of the inputs that causes it, one
// cycle before the output moves. That is exact because a MAC has one register on every path
// (TW-NET-007).
struct LutNetwork {
  std::vector<LutNode> nodes;
  int weight_begin = 2;
  int activation_begin = 0;
  int partial_sum_begin = 0;
  int first_table = 0;
  std::vector<int> node_of_net;          // per net of the netlist; −1 for the clock
  std::vector<int> partial_sum_outputs;  // node per bit
  tech::MacWidths widths;
};

LutNetwork build_lut_network(const tech::Netlist& mac);

}  // namespace togglewise::gate
