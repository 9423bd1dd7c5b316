#include "sim/gate/event_energies.h"

#include <algorithm>
#include <numeric>

namespace togglewise::gate {
namespace {

// Per net: do all its changes come out of registers that the net's cycle starts with?
std::vector<bool> nets_behind_registers(const tech::Netlist& netlist) {
  std::vector<bool> behind(netlist.nets().size(), false);
  const auto mark = [&](const tech::Cell& cell, bool value) {
    for (const int pin : cell.type->outputs) {
      const tech::NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net != tech::kNone) behind[static_cast<std::size_t>(net)] = value;
    }
  };
  for (const tech::CellIndex index : netlist.registers()) mark(netlist.cell(index), true);
  for (const tech::CellIndex index : netlist.combinational_order()) {
    const tech::Cell& cell = netlist.cell(index);
    mark(cell, std::any_of(cell.type->inputs.begin(), cell.type->inputs.end(), [&](int pin) {
           return behind[static_cast<std::size_t>(cell.nets[static_cast<std::size_t>(pin)])];
         }));
  }
  return behind;
}

}  // namespace

std::vector<double> cycle_energies_fj(const tech::Netlist& netlist,
                                      const tech::NetlistEnergy& energy, const InertialModel& model,
                                      const PortStreams& inputs) {
  std::size_t cycles = 0;
  for (const auto& [port, values] : inputs) cycles = values.size();
  std::vector<double> result(cycles, 0.0);
  EventEngine engine(netlist, model);
  for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
    for (const auto& [port, values] : inputs) engine.set_input(port, values[cycle]);
    engine.settle();
    for (std::size_t net = 0; net < energy.nets.size(); ++net) {
      const std::size_t toggles = engine.toggles(static_cast<tech::NetIndex>(net));
      if (toggles != 0) {
        result[cycle] += static_cast<double>(toggles) * energy.nets[net].total_fj();
      }
    }
    engine.clock_edge();
  }
  return result;
}

double MacActivity::energy_fj() const {
  return std::accumulate(transition_energy_fj.begin(), transition_energy_fj.end(), 0.0);
}

MacActivity inertial_mac_activity(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                                  const InertialModel& model,
                                  const std::vector<PeOperands>& operands) {
  MacActivity activity;
  activity.toggles.assign(mac.nets().size(), 0);
  if (operands.empty()) return activity;
  const std::size_t transitions = operands.size() - 1;
  activity.transition_energy_fj.assign(transitions, 0.0);
  const std::vector<bool> behind = nets_behind_registers(mac);
  EventEngine engine(mac, model);
  const auto apply = [&](const PeOperands& now) {
    engine.set_input("weight", static_cast<std::uint64_t>(now.weight));
    engine.set_input("activation_in", static_cast<std::uint64_t>(now.activation));
    engine.set_input("partial_sum_in", static_cast<std::uint64_t>(now.partial_sum));
    engine.settle();
  };
  const auto count = [&](std::size_t transition, bool behind_registers) {
    for (std::size_t net = 0; net < behind.size(); ++net) {
      const std::size_t toggles = engine.toggles(static_cast<tech::NetIndex>(net));
      if (toggles == 0 || behind[net] != behind_registers) continue;
      activity.toggles[net] += toggles;
      activity.transition_energy_fj[transition] +=
          static_cast<double>(toggles) * energy.nets[net].total_fj();
    }
  };
  // Registers start in the state that operand 0 gives them, and follow the last operand in one
  // more cycle.
  apply(operands[0]);
  engine.clock_edge();
  for (std::size_t cycle = 0; cycle <= operands.size(); ++cycle) {
    apply(operands[std::min(cycle, transitions)]);
    if (cycle >= 1 && cycle <= transitions) count(cycle - 1, false);
    if (cycle >= 2) count(cycle - 2, true);
    engine.clock_edge();
  }
  return activity;
}

}  // namespace togglewise::gate
