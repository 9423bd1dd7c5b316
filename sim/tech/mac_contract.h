// The contract that a MAC keeps (rtl/README.md), checked on its RTL before synthesis takes its
// time.
#pragma once

#include "sim/tech/netlist.h"
#include "sim/tech/synthesis.h"

namespace togglewise::tech {

// Elaborates the top module with those of the request's parameters that it has. Throws TW-NET-006
// unless its ports are those of the contract with these widths, TW-SYN-002 and TW-SYN-007 for RTL
// that cannot become a MAC at all.
void require_mac_ports(const SynthesisRequest& request, const MacWidths& widths);

// `synthesize` for a MAC: the ports are checked first, and parameters that the top module does not
// have are left out (a MAC of fixed widths then has to have these widths). What the cache has is
// given at once; require_mac_contract() on the netlist repeats the check of the ports.
SynthesisResult synthesize_mac(const SynthesisRequest& request, const MacWidths& widths);

}  // namespace togglewise::tech
