// How long each cell takes, from the library's tables at the load that each net has: what the
// glitch-aware engines, SDF files and static timing agree on.
#pragma once

#include <vector>

#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::tech {

// Of one edge of an output; ps.
struct EdgeDelays {
  double rise_ps = 0.0;
  double fall_ps = 0.0;
  double mean_ps() const { return 0.5 * (rise_ps + fall_ps); }
};

// Nominal delays: loads and wires are those of the energy model, slews are propagated from the
// configured input slew, each net having the mean slew of its driver's arcs. Where a library gives
// several arcs between two pins (one per `when`), their mean counts.
struct NetlistDelays {
  // Per net, in the order of the driving cell's LibraryCell::inputs: the delay from that input to
  // this net. Empty for nets driven by registers, ports or constants; zero for an input that the
  // output's function does not depend on.
  std::vector<std::vector<EdgeDelays>> arcs;
  // Per net: from the clock edge to the net's own edge, for register outputs and for bits of input
  // ports (which the same-named output register of a neighbour drives, with this net as its load);
  // zero for all others.
  std::vector<EdgeDelays> launch;
};

// `external_loads` as in compute_netlist_energy. Throws TW-NET-009 for a cell whose output has no
// delay tables from an input that its function depends on.
NetlistDelays compute_delays(const Netlist& netlist, const EnergyParameters& parameters,
                             const ExternalLoads& external_loads = {});

}  // namespace togglewise::tech
