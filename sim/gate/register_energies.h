// What the circuits around the MAC spend: weight register, accumulator, any small netlist.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::gate {

// Port name → value in every cycle; all of one length. Ports not named stay 0.
using PortStreams = std::map<std::string, std::vector<std::uint64_t>>;

// Dynamic energy (no clock, no leakage) in each cycle, in fJ: what toggles between the cycle before
// and it. Cycle 0 has none. Scalar speed (some microseconds a cycle).
std::vector<double> cycle_energies_fj(const tech::Netlist& netlist,
                                      const tech::NetlistEnergy& energy, const PortStreams& inputs);

// A PE's weight register with its shadow register, or the array's sum of them.
struct RegisterEnergies {
  double shadow_toggle_fj = 0.0;  // per toggle of a shadow register's bit, enable muxes included
  double weight_toggle_fj =
      0.0;  // per toggle of a weight register's bit; the MAC's pins are not in it
  double control_fj_per_load = 0.0;  // shift_enable and update rise and fall once a load, per PE
  double clock_fj_per_cycle = 0.0;   // per PE
  double leakage_nw = 0.0;
  double leakage_fj_per_cycle = 0.0;
  double area = 0.0;
  double relative_error = 0.0;  // of the fit below: rms residual over mean
};

// Simulates loads of random weights (1 to 32 shifts, then update, then rest) and fits
//   energy of a load = shadow_toggle_fj · shadow toggles + weight_toggle_fj · weight toggles +
//   control
// by least squares. `netlist` is rtl/weight_register.sv; its outputs see the next PE's weight_in
// and the pins of `mac`'s weight port. Throws TW-GATE-003 for a circuit with other ports.
RegisterEnergies weight_register_energies(const tech::Netlist& netlist, const tech::Netlist& mac,
                                          const tech::EnergyParameters& parameters);

}  // namespace togglewise::gate
