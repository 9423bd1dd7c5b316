// Does a netlist compute what a MAC has to compute?
#pragma once

#include <cstdint>

#include "sim/tech/netlist.h"

namespace togglewise::gate {

struct MacFunctionStats {
  std::uint64_t vectors = 0;   // operands that were compared
  bool every_product = false;  // all pairs of weight and activation were among them
};

// Needs a netlist that keeps the port contract (require_mac_contract).
// Compares partial_sum_out with partial_sum_in + weight · activation_in, wrapped, and
// activation_out with activation_in. First the corners: every extreme and power of two of each
// operand with each other, and the partial sums at which the sum passes zero or wraps. Then all
// pairs of weight and activation (up to 16 bits together, else as many random ones), each with 8
// random partial sums. Throws TW-GATE-002 with the first operands that differ, TW-GATE-001 for a
// MAC that is wider than 64 bits of inputs.
MacFunctionStats require_mac_function(const tech::Netlist& mac);

}  // namespace togglewise::gate
