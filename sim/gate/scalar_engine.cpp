#include "sim/gate/scalar_engine.h"

#include <stdexcept>

namespace togglewise::gate {

using tech::Cell;
using tech::NetIndex;
using tech::Port;

ScalarEngine::ScalarEngine(const tech::Netlist& netlist)
    : netlist_(netlist), values_(netlist.nets().size(), 0), states_(netlist.registers().size(), 0) {
  values_[static_cast<std::size_t>(netlist.constant_net(true))] = 1;
}

void ScalarEngine::set_input(const std::string& port_name, std::uint64_t value) {
  const Port* port = netlist_.port(port_name);
  if (port == nullptr || !port->is_input) throw std::out_of_range("no input port " + port_name);
  for (std::size_t bit = 0; bit < port->bits.size(); ++bit) {
    values_[static_cast<std::size_t>(port->bits[bit])] = (value >> bit) & 1U;
  }
}

unsigned ScalarEngine::input_row(const Cell& cell) const {
  unsigned row = 0;
  for (std::size_t i = 0; i < cell.type->inputs.size(); ++i) {
    const NetIndex net = cell.nets[static_cast<std::size_t>(cell.type->inputs[i])];
    row |= static_cast<unsigned>(values_[static_cast<std::size_t>(net)]) << i;
  }
  return row;
}

void ScalarEngine::write_outputs(const Cell& cell, unsigned row) {
  for (const int pin : cell.type->outputs) {
    const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
    if (net == tech::kNone) continue;
    const bool out = cell.type->pins[static_cast<std::size_t>(pin)].function->value(row);
    values_[static_cast<std::size_t>(net)] = out ? 1 : 0;
  }
}

void ScalarEngine::settle() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    // A register's outputs are functions of {state, inverted state}.
    write_outputs(netlist_.cell(netlist_.registers()[i]), states_[i] != 0 ? 1U : 2U);
  }
  for (const tech::CellIndex index : netlist_.combinational_order()) {
    const Cell& cell = netlist_.cell(index);
    write_outputs(cell, input_row(cell));
  }
}

void ScalarEngine::clock_edge() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const Cell& cell = netlist_.cell(netlist_.registers()[i]);
    states_[i] = cell.type->flip_flop->next_state.value(input_row(cell)) ? 1 : 0;
  }
}

std::uint64_t ScalarEngine::output(const std::string& port_name) const {
  const Port* port = netlist_.port(port_name);
  if (port == nullptr) throw std::out_of_range("no port " + port_name);
  std::uint64_t result = 0;
  for (std::size_t bit = 0; bit < port->bits.size(); ++bit) {
    result |= static_cast<std::uint64_t>(value(port->bits[bit])) << bit;
  }
  return result;
}

void ToggleCounter::observe(const std::vector<std::uint8_t>& values) {
  for (std::size_t i = 0; i < previous_.size(); ++i) toggles_[i] += values[i] ^ previous_[i];
  previous_ = values;
}

}  // namespace togglewise::gate
