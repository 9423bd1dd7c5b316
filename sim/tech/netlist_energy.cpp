#include "sim/tech/netlist_energy.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/tech/mac_components.h"

namespace togglewise::tech {
namespace {

const LibraryPin& pin_of(const Netlist& netlist, const PinReference& reference) {
  return netlist.cell(reference.cell).type->pins[static_cast<std::size_t>(reference.pin)];
}

// Pins on the net, and its wire: one piece per driven pin.
double net_capacitance_ff(const Netlist& netlist, const Net& net,
                          const EnergyParameters& parameters) {
  double capacitance =
      parameters.wire_capacitance_ff_per_fanout * static_cast<double>(net.loads.size());
  for (const PinReference& load : net.loads) capacitance += pin_of(netlist, load).capacitance_ff;
  return capacitance;
}

NetEnergy energy_of(const Netlist& netlist, const Net& net, const EnergyParameters& parameters,
                    double load_ff) {
  NetEnergy energy;
  const double voltage = netlist.library().voltage();
  const double capacitance = net_capacitance_ff(netlist, net, parameters);
  energy.switching_fj = 0.5 * capacitance * voltage * voltage;
  for (const PinReference& load : net.loads) {
    energy.passive_fj +=
        0.5 * pin_of(netlist, load).internal_energy_fj(parameters.input_slew_ns, 0.0);
  }
  if (net.driver.cell == kNone) {
    energy.component = Component::pin_loads;
    return energy;
  }
  const LibraryPin& output = pin_of(netlist, net.driver);
  const LibraryCell& type = *netlist.cell(net.driver.cell).type;
  if (output.internal_power.empty() && !type.inputs.empty()) {
    throw Error::input("TW-NET-008",
                       fmt::format("cell {} of library {} has no internal_power at output {}",
                                   type.name, netlist.library().name(), output.name))
        .at(netlist.library().file())
        .expected("a library with power tables");
  }
  energy.internal_fj = 0.5 * output.internal_energy_fj(parameters.input_slew_ns, load_ff);
  return energy;
}

// One rise and one fall of a register's clock pin.
double clock_pin_energy_fj(const LibraryCell& type, double voltage,
                           const EnergyParameters& parameters) {
  const LibraryPin& pin =
      type.pins[static_cast<std::size_t>(type.pin_index(type.flip_flop->clocked_on))];
  return pin.internal_energy_fj(parameters.input_slew_ns, 0.0) +
         (pin.capacitance_ff + parameters.wire_capacitance_ff_per_fanout) * voltage * voltage;
}

double clock_energy_fj(const Netlist& netlist, const EnergyParameters& parameters) {
  double energy = 0.0;
  for (const CellIndex index : netlist.registers()) {
    energy +=
        clock_pin_energy_fj(*netlist.cell(index).type, netlist.library().voltage(), parameters);
  }
  return energy;
}

void add_up_components(const Netlist& netlist, NetlistEnergy& energy) {
  energy.components = {};
  for (std::size_t i = 0; i < netlist.cells().size(); ++i) {
    const LibraryCell& type = *netlist.cells()[i].type;
    ComponentTotals& sum = energy.components[static_cast<std::size_t>(energy.cell_components[i])];
    ++sum.cells;
    sum.area += type.area;
    sum.leakage_nw += type.leakage_nw;
    if (!type.is_register()) continue;
    ++sum.registers;
    sum.clock_fj_per_cycle +=
        clock_pin_energy_fj(type, netlist.library().voltage(), energy.parameters);
  }
}

}  // namespace

const char* component_name(Component component) {
  switch (component) {
    case Component::multiplier:
      return "multiplier";
    case Component::adder:
      return "adder";
    case Component::partial_sum_register:
      return "partial_sum_register";
    case Component::activation_register:
      return "activation_register";
    case Component::pin_loads:
      return "pin_loads";
    case Component::other:
      break;
  }
  return "other";
}

std::vector<double> port_capacitance_ff(const Netlist& netlist, const std::string& port_name,
                                        const EnergyParameters& parameters) {
  std::vector<double> result;
  if (const Port* port = netlist.port(port_name)) {
    for (const NetIndex net : port->bits) {
      result.push_back(net_capacitance_ff(netlist, netlist.net(net), parameters));
    }
  }
  return result;
}

std::vector<double> net_loads_ff(const Netlist& netlist, const EnergyParameters& parameters,
                                 const ExternalLoads& external_loads) {
  std::vector<double> loads;
  for (const Net& net : netlist.nets()) {
    loads.push_back(net_capacitance_ff(netlist, net, parameters));
  }
  for (const Port& port : netlist.ports()) {
    const auto found = external_loads.find(port.name);
    if (port.is_input || found == external_loads.end()) continue;
    for (std::size_t bit = 0; bit < port.bits.size() && bit < found->second.size(); ++bit) {
      loads[static_cast<std::size_t>(port.bits[bit])] += found->second[bit];
    }
  }
  return loads;
}

ExternalLoads mac_external_loads(const Netlist& netlist, const EnergyParameters& parameters) {
  return {{"activation_out", port_capacitance_ff(netlist, "activation_in", parameters)},
          {"partial_sum_out", port_capacitance_ff(netlist, "partial_sum_in", parameters)}};
}

NetlistEnergy compute_netlist_energy(const Netlist& netlist, const EnergyParameters& parameters,
                                     const ExternalLoads& external_loads) {
  const std::vector<double> loads = net_loads_ff(netlist, parameters, external_loads);
  NetlistEnergy result;
  result.parameters = parameters;
  result.nets.resize(netlist.nets().size());
  for (std::size_t i = 0; i < netlist.nets().size(); ++i) {
    const auto index = static_cast<NetIndex>(i);
    if (netlist.is_constant(index) || index == netlist.clock_net()) continue;
    result.nets[i] = energy_of(netlist, netlist.nets()[i], parameters, loads[i]);
  }
  result.clock_fj_per_cycle = clock_energy_fj(netlist, parameters);
  result.leakage_nw = netlist.leakage_nw();
  result.area = netlist.area();
  result.cell_components.assign(netlist.cells().size(), Component::other);
  add_up_components(netlist, result);
  return result;
}

NetlistEnergy compute_mac_energy(const Netlist& netlist, const EnergyParameters& parameters) {
  NetlistEnergy result =
      compute_netlist_energy(netlist, parameters, mac_external_loads(netlist, parameters));
  result.cell_components = mac_cell_components(netlist);
  add_up_components(netlist, result);
  for (std::size_t i = 0; i < netlist.nets().size(); ++i) {
    const CellIndex driver = netlist.nets()[i].driver.cell;
    if (driver == kNone) continue;
    result.nets[i].component = result.cell_components[static_cast<std::size_t>(driver)];
  }
  return result;
}

RegisterBitEnergy register_bit_energy(const Netlist& netlist, const EnergyParameters& parameters) {
  RegisterBitEnergy sum;
  const double voltage = netlist.library().voltage();
  for (const CellIndex index : netlist.registers()) {
    const LibraryCell& type = *netlist.cell(index).type;
    sum.clock_fj_per_cycle += clock_pin_energy_fj(type, voltage, parameters);
    sum.leakage_nw += type.leakage_nw;
    sum.area += type.area;
    const LibraryPin& output = type.pins[static_cast<std::size_t>(type.outputs.at(0))];
    for (std::size_t i = 0; i < type.inputs.size(); ++i) {
      if (!type.flip_flop->next_state.depends_on(static_cast<int>(i))) continue;
      const LibraryPin& data = type.pins[static_cast<std::size_t>(type.inputs[i])];
      const double load = data.capacitance_ff + parameters.wire_capacitance_ff_per_fanout;
      sum.toggle_fj +=
          0.5 * (output.internal_energy_fj(parameters.input_slew_ns, load) +
                 load * voltage * voltage + data.internal_energy_fj(parameters.input_slew_ns, 0.0));
      break;
    }
  }
  const double count = std::max<double>(1.0, static_cast<double>(netlist.registers().size()));
  return {sum.toggle_fj / count, sum.clock_fj_per_cycle / count, sum.leakage_nw / count,
          sum.area / count};
}

}  // namespace togglewise::tech
