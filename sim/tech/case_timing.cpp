#include "sim/tech/case_timing.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace togglewise::tech {
namespace {

std::size_t at(NetIndex net) { return static_cast<std::size_t>(net); }

// Whether there are values of the other variables with which this edge of `variable` makes the
// function take this edge.
bool can_cause(const TruthTable& function, std::size_t variable, std::size_t cause,
               std::size_t edge) {
  for (unsigned row = 0; row < (1U << function.variables); ++row) {
    const bool rose = ((row >> variable) & 1U) != 0;
    if (rose != (cause == kRise) || function.value(row) != (edge == kRise)) continue;
    if (function.value(row ^ (1U << variable)) != function.value(row)) return true;
  }
  return false;
}

}  // namespace

CaseAnalysis::CaseAnalysis(const Netlist& netlist, const std::vector<HeldPort>& held)
    : netlist_(netlist), states_(netlist.nets().size(), State::variable) {
  states_[at(netlist.constant_net(false))] = State::low;
  states_[at(netlist.constant_net(true))] = State::high;
  for (const HeldPort& port : held) {
    const Port* found = netlist.port(port.name);
    if (found == nullptr || !found->is_input) throw std::out_of_range("no input " + port.name);
    for (std::size_t bit = 0; bit < found->bits.size(); ++bit) {
      if (((port.held_bits >> bit) & 1U) == 0) continue;
      states_[at(found->bits[bit])] = ((port.value >> bit) & 1U) != 0 ? State::high : State::low;
    }
  }
  for (const CellIndex index : netlist.combinational_order()) {
    const Cell& cell = netlist.cell(index);
    for (const int pin : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == kNone) continue;
      const TruthTable left = live_function(net).function;
      if (left.variables > 0) continue;
      states_[at(net)] = left.value(0) ? State::high : State::low;
    }
  }
}

LiveFunction CaseAnalysis::live_function(NetIndex net) const {
  const PinReference driver = netlist_.net(net).driver;
  const Cell& cell = netlist_.cell(driver.cell);
  LiveFunction live{*cell.type->pins[static_cast<std::size_t>(driver.pin)].function, {}};
  // From the last input on, so that those before keep their places.
  for (std::size_t i = cell.type->inputs.size(); i-- > 0;) {
    const State input = state(cell.nets[static_cast<std::size_t>(cell.type->inputs[i])]);
    if (input == State::variable) continue;
    live.function = live.function.cofactor(static_cast<int>(i), input == State::high);
  }
  for (std::size_t i = 0; i < cell.type->inputs.size(); ++i) {
    if (state(cell.nets[static_cast<std::size_t>(cell.type->inputs[i])]) != State::variable) {
      continue;
    }
    const auto variable = static_cast<int>(live.inputs.size());
    if (live.function.depends_on(variable)) {
      live.inputs.push_back(i);
    } else {
      live.function = live.function.cofactor(variable, false);
    }
  }
  return live;
}

double longest_path_ps(const CaseAnalysis& analysis, const TimingArcs& arcs) {
  const Netlist& netlist = analysis.netlist();
  std::vector<std::array<double, 2>> arrivals = arcs.launch_ps;
  for (std::size_t net = 0; net < arrivals.size(); ++net) {
    if (analysis.is_constant(static_cast<NetIndex>(net))) arrivals[net] = {kNeverPs, kNeverPs};
  }
  for (const CellIndex index : netlist.combinational_order()) {
    const Cell& cell = netlist.cell(index);
    for (const int pin : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == kNone || analysis.is_constant(net)) continue;
      const LiveFunction live = analysis.live_function(net);
      for (std::size_t v = 0; v < live.inputs.size(); ++v) {
        const TimingArcs::Arc& arc = arcs.arcs[at(net)][live.inputs[v]];
        const auto from =
            at(cell.nets[static_cast<std::size_t>(cell.type->inputs[live.inputs[v]])]);
        for (const std::size_t cause : {kRise, kFall}) {
          for (const std::size_t edge : {kRise, kFall}) {
            if (!can_cause(live.function, v, cause, edge)) continue;
            arrivals[at(net)][edge] = std::max(arrivals[at(net)][edge],
                                               arrivals[from][cause] + arc.delay_ps[cause][edge]);
          }
        }
      }
    }
  }
  double longest_ps = 0.0;
  for (const TimingArcs::Endpoint& endpoint : arcs.endpoints) {
    for (const std::size_t edge : {kRise, kFall}) {
      longest_ps = std::max(longest_ps, arrivals[at(endpoint.net)][edge] + endpoint.setup_ps[edge]);
    }
  }
  return longest_ps;
}

}  // namespace togglewise::tech
