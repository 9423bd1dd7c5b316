// A clock gate of library cells, as rtl/clock_gate.sv has it: a latch that is transparent while the
// clock is low, and an AND of it with the clock; an inverter between the clock and a latch that is
// transparent while its enable is high.
#pragma once

#include <string>

#include "sim/tech/cell_library.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::energy {

struct ClockGateCells {
  const tech::LibraryCell* latch = nullptr;
  const tech::LibraryCell* conjunction = nullptr;  // a two-input AND
  const tech::LibraryCell* inverter = nullptr;     // null where the latch needs none
};

// The least of what the library has. Throws TW-ENERGY-004 where it has no such latch, AND or
// inverter.
ClockGateCells clock_gate_cells(const tech::CellLibrary& library);

// The gate as a Verilog module `clock_gate` of these cells.
std::string clock_gate_verilog(const ClockGateCells& cells);

// What a clock gate spends beyond the pins behind it, which count with the registers they are of.
struct ClockGateEnergies {
  double arriving_fj = 0;  // per cycle of its clock, open or closed: pins, inverter, latch
  double passed_fj = 0;    // besides, per cycle that it lets through: inside the AND
  double enable_fj = 0;    // per toggle of its enable: latch data pin, latch, AND's other pin
  double leakage_nw = 0;
  double area = 0;            // in the library's unit
  double enable_load_ff = 0;  // at the enable: the latch's data pin and its wire
  double latch_delay_ps = 0;  // from the enable to the AND
};

// `load_ff`: clock pins behind the gate, with their wires.
ClockGateEnergies clock_gate_energies(const tech::CellLibrary& library, const ClockGateCells& cells,
                                      const tech::EnergyParameters& parameters, double load_ff);

}  // namespace togglewise::energy
