#include "sim/gate/event_engine.h"

#include <algorithm>
#include <stdexcept>

namespace togglewise::gate {

using tech::Cell;
using tech::NetIndex;
using tech::Port;

namespace {

std::size_t at(NetIndex net) { return static_cast<std::size_t>(net); }

}  // namespace

Waveform filter_pulses(const Waveform& wanted, bool before, const InertialNet& net) {
  Waveform passed;
  bool value = before;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const int window = wanted[i].value ? net.rise : net.fall;
    const bool lasts = i + 1 == wanted.size() || wanted[i + 1].at - wanted[i].at >= window;
    if (!lasts || wanted[i].value == value) continue;
    value = wanted[i].value;
    passed.push_back({wanted[i].at + window - 1, value});
  }
  return passed;
}

EventEngine::EventEngine(const tech::Netlist& netlist, const InertialModel& model)
    : netlist_(netlist),
      model_(model),
      values_(netlist.nets().size(), 0),
      previous_(netlist.nets().size(), 0),
      inputs_(netlist.nets().size(), 0),
      states_(netlist.registers().size(), 0),
      waveforms_(netlist.nets().size()),
      swallowed_(netlist.nets().size(), 0) {
  values_[at(netlist.constant_net(true))] = 1;
}

void EventEngine::set_input(const std::string& port_name, std::uint64_t value) {
  const Port* port = netlist_.port(port_name);
  if (port == nullptr || !port->is_input) throw std::out_of_range("no input port " + port_name);
  for (std::size_t bit = 0; bit < port->bits.size(); ++bit) {
    inputs_[at(port->bits[bit])] = (value >> bit) & 1U;
  }
}

void EventEngine::settle() {
  previous_ = values_;
  for (const Port& port : netlist_.ports()) {
    if (!port.is_input) continue;
    for (const NetIndex net : port.bits) {
      if (net != netlist_.clock_net()) start(net, inputs_[at(net)] != 0);
    }
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const Cell& cell = netlist_.cell(netlist_.registers()[i]);
    for (const int pin : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == tech::kNone) continue;
      // A register's outputs are functions of {state, inverted state}.
      const tech::LibraryPin& output = cell.type->pins[static_cast<std::size_t>(pin)];
      start(net, output.function->value(states_[i] != 0 ? 1U : 2U));
    }
  }
  for (const tech::CellIndex index : netlist_.combinational_order()) {
    evaluate(netlist_.cell(index));
  }
  if (!at_rest_) {
    for (Waveform& waveform : waveforms_) waveform.clear();
  }
  at_rest_ = true;
}

// A net without a combinational driver takes its new value.
void EventEngine::start(NetIndex net, bool value) {
  values_[at(net)] = value ? 1 : 0;
  waveforms_[at(net)].clear();
  if (values_[at(net)] != previous_[at(net)]) {
    const InertialNet& rule = model_.nets[at(net)];
    waveforms_[at(net)].push_back({value ? rule.launch_rise : rule.launch_fall, value});
  }
}

void EventEngine::evaluate(const Cell& cell) {
  const unsigned row = input_row(cell);
  for (const int pin : cell.type->outputs) {
    const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
    if (net == tech::kNone) continue;
    const bool settled = cell.type->pins[static_cast<std::size_t>(pin)].function->value(row);
    values_[at(net)] = settled ? 1 : 0;
    if (!at_rest_) continue;
    const InertialNet& rule = model_.nets[at(net)];
    const Waveform edges = wanted(cell, pin, rule);
    waveforms_[at(net)] = filter_pulses(edges, previous_[at(net)] != 0, rule);
    swallowed_[at(net)] += edges.size() - waveforms_[at(net)].size();
  }
}

// g: the cell's function of its inputs, each read `shift` quanta late.
Waveform EventEngine::wanted(const Cell& cell, int pin, const InertialNet& net) const {
  struct Event {
    int at;
    unsigned input;
  };
  std::vector<Event> events;
  unsigned row = 0;
  for (std::size_t i = 0; i < cell.type->inputs.size(); ++i) {
    const NetIndex from = cell.nets[static_cast<std::size_t>(cell.type->inputs[i])];
    row |= static_cast<unsigned>(previous_[at(from)]) << i;
    for (const NetChange& change : waveforms_[at(from)]) {
      events.push_back({change.at + net.shift[i], static_cast<unsigned>(i)});
    }
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.at < b.at; });
  const tech::TruthTable& function = *cell.type->pins[static_cast<std::size_t>(pin)].function;
  Waveform result;
  bool value = function.value(row);
  for (std::size_t i = 0; i < events.size(); ++i) {
    row ^= 1U << events[i].input;
    // Inputs that change in the same quantum are seen together.
    if (i + 1 < events.size() && events[i + 1].at == events[i].at) continue;
    if (function.value(row) == value) continue;
    value = !value;
    result.push_back({events[i].at, value});
  }
  return result;
}

unsigned EventEngine::input_row(const Cell& cell) const {
  unsigned row = 0;
  for (std::size_t i = 0; i < cell.type->inputs.size(); ++i) {
    const NetIndex net = cell.nets[static_cast<std::size_t>(cell.type->inputs[i])];
    row |= static_cast<unsigned>(values_[at(net)]) << i;
  }
  return row;
}

void EventEngine::clock_edge() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const Cell& cell = netlist_.cell(netlist_.registers()[i]);
    states_[i] = cell.type->flip_flop->next_state.value(input_row(cell)) ? 1 : 0;
  }
}

std::uint64_t EventEngine::output(const std::string& port_name) const {
  const Port* port = netlist_.port(port_name);
  if (port == nullptr) throw std::out_of_range("no port " + port_name);
  std::uint64_t result = 0;
  for (std::size_t bit = 0; bit < port->bits.size(); ++bit) {
    result |= static_cast<std::uint64_t>(value(port->bits[bit])) << bit;
  }
  return result;
}

}  // namespace togglewise::gate
