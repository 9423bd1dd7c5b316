// Does a netlist compute what a MAC has to compute?
#pragma once

#include "sim/tech/netlist.h"

namespace togglewise::gate {

// Compares partial_sum_out with partial_sum_in + weight · activation_in, and activation_out with
// activation_in, on the corners of the ranges and a few hundred random operands.
// Throws TW-GATE-002 with the first operands that differ.
void require_mac_function(const tech::Netlist& mac);

}  // namespace togglewise::gate
