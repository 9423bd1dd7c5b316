// Which part of a MAC each of its cells belongs to.
#pragma once

#include <vector>

#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::tech {

// One component per cell, in the order of Netlist::cells().
//   Registers: those that drive activation_out and partial_sum_out, directly or through inverters
//   and buffers, are the activation and the partial-sum register. Others (a MAC that has its
//   registers before its logic) are partial_sum_register where partial_sum_in reaches them,
//   activation_register where only activation_in does, else part of the multiplier.
//   Logic: where the RTL has an instance u_multiplier, its cells are the multiplier and all others
//   the adder. Where it has none, the adder is what partial_sum_in reaches, the multiplier the
//   rest.
std::vector<Component> mac_cell_components(const Netlist& netlist);

}  // namespace togglewise::tech
