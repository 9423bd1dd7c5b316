// Glitch-aware activity and energy of whole streams, by the event-driven engine: some ten
// thousand cycles of a MAC a second.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/gate/event_engine.h"
#include "sim/gate/mac_engine.h"
#include "sim/gate/register_energies.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::gate {

// Dynamic energy (no clock, no leakage) in each cycle, in fJ, glitches included: the twin of
// register_energies.h's function. Cycle 0 has none. Register outputs count in the cycle in which
// they move.
std::vector<double> cycle_energies_fj(const tech::Netlist& netlist,
                                      const tech::NetlistEnergy& energy, const InertialModel& model,
                                      const PortStreams& inputs);

// Of a MAC, counted as MacEngine does: nets behind a register at the transition of the operands
// that causes their toggles.
struct MacActivity {
  std::vector<std::uint64_t> toggles;        // per net, over all transitions
  std::vector<double> transition_energy_fj;  // one less than operands
  double energy_fj() const;
};
MacActivity inertial_mac_activity(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                                  const InertialModel& model,
                                  const std::vector<PeOperands>& operands);

}  // namespace togglewise::gate
