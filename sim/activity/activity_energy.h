// What recorded activity costs, net by net, with the energies of sim/tech/netlist_energy.h.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/activity/pe_waveforms.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::activity {

// Of one net, or the sum over several; fJ.
struct ActivityEnergy {
  std::uint64_t toggles = 0;
  double internal_fj = 0.0;
  double switching_fj = 0.0;
  double passive_fj = 0.0;
  double dynamic_fj() const { return internal_fj + switching_fj + passive_fj; }
  ActivityEnergy& operator+=(const ActivityEnergy& other);
};

ActivityEnergy energy_of(std::uint64_t toggles, const tech::NetEnergy& net);

// Toggles of each net, summed over PEs as integers, so that their order does not matter.
struct ToggleSums {
  std::vector<std::uint64_t> toggles;  // per net, the clock's not counted
  std::vector<std::uint64_t> swallowed_edges;
  void add(const tech::Netlist& mac, const std::vector<NetActivity>& activity);
};

struct EnergySummary {
  ActivityEnergy total;
  std::vector<ActivityEnergy> by_component;  // tech::Component as index
};
EnergySummary summarize(const ToggleSums& sums, const tech::NetlistEnergy& energy);

}  // namespace togglewise::activity
