#include "sim/activity/activity_energy.h"

namespace togglewise::activity {

ActivityEnergy& ActivityEnergy::operator+=(const ActivityEnergy& other) {
  toggles += other.toggles;
  internal_fj += other.internal_fj;
  switching_fj += other.switching_fj;
  passive_fj += other.passive_fj;
  return *this;
}

ActivityEnergy energy_of(std::uint64_t toggles, const tech::NetEnergy& net) {
  const auto times = static_cast<double>(toggles);
  return {toggles, times * net.internal_fj, times * net.switching_fj, times * net.passive_fj};
}

void ToggleSums::add(const tech::Netlist& mac, const std::vector<NetActivity>& activity) {
  toggles.resize(activity.size(), 0);
  swallowed_edges.resize(activity.size(), 0);
  for (std::size_t net = 0; net < activity.size(); ++net) {
    if (static_cast<tech::NetIndex>(net) == mac.clock_net()) continue;
    toggles[net] += activity[net].toggles;
    swallowed_edges[net] += activity[net].swallowed_edges;
  }
}

EnergySummary summarize(const ToggleSums& sums, const tech::NetlistEnergy& energy) {
  EnergySummary summary;
  summary.by_component.resize(tech::kComponents);
  for (std::size_t net = 0; net < sums.toggles.size(); ++net) {
    const ActivityEnergy one = energy_of(sums.toggles[net], energy.nets[net]);
    summary.total += one;
    summary.by_component[static_cast<std::size_t>(energy.nets[net].component)] += one;
  }
  return summary;
}

}  // namespace togglewise::activity
