// Static timing: can the netlist run at the clock that its energy is reported for?
#pragma once

#include <string>
#include <vector>

#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::tech {

struct TimingReport {
  // Shortest clock period without clock skew: clock to Q of the register before (also for the
  // inputs, which registers of the same kind drive), slowest path, setup.
  double critical_path_ps = 0.0;
  double setup_ps = 0.0;          // part of the above
  std::vector<std::string> path;  // net names, from the launching net to the last D pin's net
};

// Delays from the library's tables: slews are propagated, loads are those of the energy model;
// worst of rise and fall. Delay tables are clamped at their edges as energy tables are, so a net
// with more load than its table knows is judged too fast.
TimingReport analyze_timing(const Netlist& netlist, const EnergyParameters& parameters);

}  // namespace togglewise::tech
