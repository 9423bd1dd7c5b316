#include "sim/gate/netlist_engine.h"

#include <stdexcept>

#include "sim/gate/lut_network.h"

namespace togglewise::gate {
namespace {

// Registers between the inputs and each net; −1 where only constants come in.
std::vector<int> register_depths(const tech::Netlist& netlist) {
  std::vector<int> depth(netlist.nets().size(), -1);
  for (const tech::Port& port : netlist.ports()) {
    if (!port.is_input) continue;
    for (const tech::NetIndex net : port.bits) depth[static_cast<std::size_t>(net)] = 0;
  }
  const auto cell_depth = [&](const tech::Cell& cell) {
    int deepest = -1;
    for (const int pin : cell.type->inputs) {
      const tech::NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == netlist.clock_net() || net == tech::kNone) continue;
      const int of_net = depth[static_cast<std::size_t>(net)];
      if (of_net >= 0 && deepest >= 0 && of_net != deepest) {
        throw std::invalid_argument("paths with different numbers of registers meet");
      }
      deepest = std::max(deepest, of_net);
    }
    return deepest;
  };
  const auto set_outputs = [&](const tech::Cell& cell, int value) {
    for (const int pin : cell.type->outputs) {
      const tech::NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net != tech::kNone) depth[static_cast<std::size_t>(net)] = value;
    }
  };
  const auto pass_cells = [&] {
    for (const tech::CellIndex index : netlist.combinational_order()) {
      set_outputs(netlist.cell(index), cell_depth(netlist.cell(index)));
    }
  };
  // What lies before the registers, then what lies behind them.
  for (const tech::CellIndex index : netlist.registers()) set_outputs(netlist.cell(index), 1);
  pass_cells();
  for (const tech::CellIndex index : netlist.registers()) {
    if (cell_depth(netlist.cell(index)) > 0) throw std::invalid_argument("two registers in a row");
  }
  return depth;
}

void require_one_register_deep(const tech::Netlist& netlist, Outputs outputs) {
  const std::vector<int> depth = register_depths(netlist);
  if (outputs == Outputs::any) return;
  for (const tech::Port& port : netlist.ports()) {
    if (port.is_input) continue;
    for (const tech::NetIndex net : port.bits) {
      if (depth[static_cast<std::size_t>(net)] == 0) {
        throw std::invalid_argument("an output without a register");
      }
    }
  }
}

PlaneProgram make_program(const tech::Netlist& netlist, const std::vector<std::string>& inputs,
                          const std::string& output, InstructionSet instructions, Outputs outputs) {
  require_one_register_deep(netlist, outputs);
  std::size_t bits = 0;
  std::size_t given = 0;
  for (const tech::Port& port : netlist.ports()) {
    const bool clock = port.bits.size() == 1 && port.bits[0] == netlist.clock_net();
    if (port.is_input && !clock) bits += port.bits.size();
  }
  for (const std::string& name : inputs) {
    const tech::Port* port = netlist.port(name);
    if (port == nullptr || !port->is_input) throw std::invalid_argument("no input port " + name);
    given += port->bits.size();
  }
  if (bits != given || netlist.port(output) == nullptr) {
    throw std::invalid_argument("these are not the circuit's ports");
  }
  return {build_program(build_lut_network(netlist, inputs, output)), *choose_kernels(instructions)};
}

}  // namespace

NetlistEngine::NetlistEngine(const tech::Netlist& netlist, const tech::NetlistEnergy& energy,
                             const std::vector<std::string>& inputs, const std::string& output,
                             InstructionSet instructions, Outputs outputs)
    : program_(make_program(netlist, inputs, output, instructions, outputs)) {
  for (const std::string& name : inputs) input_bits_.push_back(netlist.port(name)->width());
  output_bits_ = netlist.port(output)->width();
  const WeightProgram& program = program_.program();
  counter_fj_.resize(static_cast<std::size_t>(program.counters), 0.0);
  for (std::size_t net = 0; net < program.counter_of_net.size(); ++net) {
    const int counter = program.counter_of_net[net];
    if (counter >= 0) counter_fj_[static_cast<std::size_t>(counter)] += energy.nets[net].total_fj();
  }
}

void NetlistEngine::run(const std::vector<const BitPlanes*>& inputs, BitPlanes& output,
                        Tally& tally) const {
  if (inputs.size() != input_bits_.size()) throw std::invalid_argument("planes for other ports");
  InputPlanes planes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i]->bits() != input_bits_[i] || inputs[i] == &output) {
      throw std::invalid_argument("planes do not fit the port");
    }
    planes.add(*inputs[i]);
  }
  output.reshape(output_bits_, planes.cycles(), TimeOrder::interleaved);
  program_.count(planes, output, tally.data());
}

double NetlistEngine::energy_fj(const Tally& tally) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < counter_fj_.size(); ++i) {
    sum += static_cast<double>(tally[i]) * counter_fj_[i];
  }
  return sum;
}

std::uint64_t NetlistEngine::net_toggles(const Tally& tally, tech::NetIndex net) const {
  const int counter = program_.program().counter_of_net[static_cast<std::size_t>(net)];
  return counter < 0 ? 0 : tally[static_cast<std::size_t>(counter)];
}

}  // namespace togglewise::gate
