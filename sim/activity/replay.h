// What goes with an activity file, so that another tool can repeat it: a testbench that replays the
// stimulus, constraints, and the commands.
#pragma once

#include <string>
#include <vector>

#include "sim/activity/pe_waveforms.h"
#include "sim/activity/tile_selection.h"
#include "sim/array/tile_streams.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::activity {

// The design as a testbench sees it: the MAC itself, or module `tile` around several.
struct ReplayDesign {
  const tech::Netlist* mac = nullptr;
  const array::TileStreams* streams = nullptr;
  PeRange range;
  Timeline timeline;
  std::string top() const { return range.single() ? mac->top() : "tile"; }
};

// Verilog that plays `vectors.hex` into the design and dumps its nets to replay.vcd: a zero-delay
// simulation of it has the toggles of our files.
std::string replay_testbench(const ReplayDesign& design);

// All inputs but the clock, before the first clock edge and then after each; $readmemh.
std::string replay_vectors(const ReplayDesign& design);

// Clock period, input slews and the loads that the neighbours' pins are for the outputs (SDC).
std::string design_constraints(const ReplayDesign& design,
                               const tech::EnergyParameters& parameters);

// The wires of our energy model, one lumped capacitance a net (SPEF). For one PE only.
std::string wire_parasitics(const tech::Netlist& mac, const tech::EnergyParameters& parameters);

// What the files are, and the commands for a simulator and for power tools.
struct HandoffFiles {
  std::string liberty;  // its path
  bool saif = false;
  bool vcd = false;
  bool glitches = false;  // recorded with inertial timing
};
std::string handoff_readme(const ReplayDesign& design, const tech::EnergyParameters& parameters,
                           const HandoffFiles& files);

}  // namespace togglewise::activity
