// Dynamic energy of MACs, split by what spends it; clock and leakage are not dynamic.
#pragma once

namespace togglewise::gate {

struct ComponentEnergies {
  double multiplier_fj = 0.0;
  double adder_fj = 0.0;
  double partial_sum_register_fj = 0.0;
  double activation_register_fj = 0.0;
  double pin_loads_fj = 0.0;  // input pins and wires that the neighbour PEs drive

  double total_fj() const {
    return multiplier_fj + adder_fj + partial_sum_register_fj + activation_register_fj +
           pin_loads_fj;
  }
  ComponentEnergies& operator+=(const ComponentEnergies& other) {
    multiplier_fj += other.multiplier_fj;
    adder_fj += other.adder_fj;
    partial_sum_register_fj += other.partial_sum_register_fj;
    activation_register_fj += other.activation_register_fj;
    pin_loads_fj += other.pin_loads_fj;
    return *this;
  }
  friend ComponentEnergies operator*(ComponentEnergies energies, double factor) {
    energies.multiplier_fj *= factor;
    energies.adder_fj *= factor;
    energies.partial_sum_register_fj *= factor;
    energies.activation_register_fj *= factor;
    energies.pin_loads_fj *= factor;
    return energies;
  }
};

}  // namespace togglewise::gate
