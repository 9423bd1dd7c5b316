// What one toggle of each net costs, so that the sum over all toggles is the energy of the circuit
// with nothing counted twice.
//
// A toggle of net n, driven by cell d, costs (in fJ; 1 fF·V² = 1 fJ)
//   internal   energy inside d: mean over the related pins of its output pin, over the states in
//              which they make it toggle, and over rise and fall (LibraryPin::internal_energy_fj),
//              at the configured input slew and the net's whole load
// + switching  ½·C·V², C = input pins on the net + wire capacitance, V the library's nominal
// voltage
// + passive    energy inside the driven cells that their input pins' own internal_power groups
// give,
//              mean of rise and fall
// and belongs to d's component. Bits of input ports have no driver here: their internal energy is 0
// and the rest is `pin_loads`. An output port's bit sees the next circuit's pins as load in the
// internal-power lookup, but their ½·C·V² is that circuit's `pin_loads`.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "sim/tech/netlist.h"

namespace togglewise::tech {

// Defaults fit osu018 (180 nm).
struct EnergyParameters {
  // Inside the tables' range (0.06 … 1.2 ns) and what small loads see: fast edges at short wires.
  double input_slew_ns = 0.1;
  // About 30 µm of 180 nm metal (0.13 fF/µm) to each driven pin: the MAC's cells cover 150 × 150
  // µm.
  double wire_capacitance_ff_per_fanout = 4.0;
  // 125 MHz: the MAC's 4.5 … 5 ns critical path plus register, clock skew and margin.
  double clock_period_ps = 8000.0;
};

enum class Component {
  multiplier,
  adder,
  partial_sum_register,
  activation_register,
  pin_loads,
  other  // every driven net of a circuit that is no MAC
};
constexpr int kComponents = 6;
const char* component_name(Component component);

struct NetEnergy {
  Component component = Component::other;
  double internal_fj = 0.0;
  double switching_fj = 0.0;
  double passive_fj = 0.0;
  double total_fj() const { return internal_fj + switching_fj + passive_fj; }
};

// What a component consists of, and what it spends whether or not anything toggles.
struct ComponentTotals {
  int cells = 0;  // registers included
  int registers = 0;
  double area = 0.0;  // in the library's unit (osu: µm²)
  double leakage_nw = 0.0;
  double clock_fj_per_cycle = 0.0;  // its registers' clock pins
};

struct NetlistEnergy {
  EnergyParameters parameters;
  std::vector<NetEnergy> nets;             // per net of the netlist; the clock's entry is zero
  std::vector<Component> cell_components;  // per cell; a net has the component of its driver
  std::array<ComponentTotals, kComponents> components;  // by Component; pin_loads has no cells
  // Clock pins, one rise and one fall a cycle: their passive energy and C·V².
  double clock_fj_per_cycle = 0.0;
  double leakage_nw = 0.0;
  double area = 0.0;  // in the library's unit (osu: µm²)
  double leakage_fj_per_cycle() const {
    return leakage_nw * parameters.clock_period_ps * 1e-6;  // nW·ps = 1e-21 J
  }
  const ComponentTotals& totals(Component component) const {
    return components[static_cast<std::size_t>(component)];
  }
};

// Capacitance in fF that stands outside at each bit of an output port.
using ExternalLoads = std::map<std::string, std::vector<double>>;

// Pins and wire on the bits of a port.
std::vector<double> port_capacitance_ff(const Netlist& netlist, const std::string& port,
                                        const EnergyParameters& parameters);

// Per net what its driver sees: pins, wire and what stands outside.
std::vector<double> net_loads_ff(const Netlist& netlist, const EnergyParameters& parameters,
                                 const ExternalLoads& external_loads = {});

// What each output of a MAC drives: the same-named input of a neighbour PE.
ExternalLoads mac_external_loads(const Netlist& netlist, const EnergyParameters& parameters);

// For any circuit: the component is `other`, or `pin_loads` for bits of input ports.
// Throws TW-NET-008 for a cell without internal_power groups.
NetlistEnergy compute_netlist_energy(const Netlist& netlist, const EnergyParameters& parameters,
                                     const ExternalLoads& external_loads = {});

// For a MAC: components as mac_components.h tells them apart; each output sees the same-named input
// of a neighbour PE.
NetlistEnergy compute_mac_energy(const Netlist& netlist, const EnergyParameters& parameters);

// One bit of a plain register that feeds another one, as in the array's skew and deskew registers.
struct RegisterBitEnergy {
  double toggle_fj = 0.0;  // internal energy of the output, next input's pin, wire and passive
  double clock_fj_per_cycle = 0.0;
  double leakage_nw = 0.0;
  double area = 0.0;
};
// With the register cell that synthesis chose in `netlist`, the mean where there are several kinds.
RegisterBitEnergy register_bit_energy(const Netlist& netlist, const EnergyParameters& parameters);

}  // namespace togglewise::tech
