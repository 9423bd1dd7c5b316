// A netlist as look-up tables of at most three inputs, the form that one instruction evaluates.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/tech/netlist.h"

namespace togglewise::gate {

// Node 0 is the constant 0, node 1 the constant 1; then one node per input bit, port after port;
// then tables, each after its fan-ins.
struct LutNode {
  std::uint8_t table = 0;  // bit (f2·4 + f1·2 + f0); unused fan-ins repeat fanin[0]
  std::array<int, 3> fanin{0, 0, 0};
};

// Registers are transparent here: the node of a register's output is that of its next state. A
// toggle of the output is therefore counted at the transition of the inputs that causes it, one
// cycle before the output moves. That is exact for circuits with one register on every path.
struct LutNetwork {
  std::vector<LutNode> nodes;
  int input_begin = 2;
  int inputs = 0;  // input bits
  int first_table = 0;
  std::vector<int> node_of_net;  // per net of the netlist; −1 for the clock
  std::vector<int> outputs;      // node per bit of the output port
};

// The network's inputs are the bits of `inputs`, in this order; they have to be all input ports but
// the clock. Throws std::out_of_range for a port that the netlist lacks and std::invalid_argument
// for a register whose state feeds itself.
LutNetwork build_lut_network(const tech::Netlist& netlist, const std::vector<std::string>& inputs,
                             const std::string& output);

// Activation bits, then partial-sum bits, then weight bits; partial_sum_out.
LutNetwork build_mac_network(const tech::Netlist& mac);

}  // namespace togglewise::gate
