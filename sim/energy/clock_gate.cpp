#include "sim/energy/clock_gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::energy {
namespace {

using tech::LibraryCell;
using tech::LibraryPin;

const LibraryPin& pin_of(const LibraryCell& cell, const std::string& name) {
  return cell.pins[static_cast<std::size_t>(cell.pin_index(name))];
}
const LibraryPin& input_of(const LibraryCell& cell, std::size_t i) {
  return cell.pins[static_cast<std::size_t>(cell.inputs[i])];
}
const LibraryPin& output_of(const LibraryCell& cell) {
  return cell.pins[static_cast<std::size_t>(cell.outputs.at(0))];
}

bool computes(const LibraryCell& cell, int inputs, std::uint64_t bits) {
  if (cell.dont_use || !cell.unsupported_reason.empty() || cell.is_register()) return false;
  if (cell.outputs.size() != 1 || static_cast<int>(cell.inputs.size()) != inputs) return false;
  const auto& function = output_of(cell).function;
  return function && function->bits == bits;
}

// Of cells of the same kind the one that loads its inputs least, then the smallest, then the first.
bool is_lesser(const LibraryCell& a, const LibraryCell* b) {
  if (b == nullptr) return true;
  const double of_a = input_of(a, 0).capacitance_ff;
  const double of_b = input_of(*b, 0).capacitance_ff;
  return of_a < of_b || (of_a == of_b && a.area < b->area);
}

Error missing(const tech::CellLibrary& library, const std::string& what) {
  return Error::input("TW-ENERGY-004",
                      fmt::format("library {} has no {} for clock gates", library.name(), what))
      .at(library.file())
      .expected("a latch with one data and one enable pin, an AND of two inputs, an inverter")
      .hint("leave out the section 'gating', or use another library");
}

// Groups of one related pin, else of all.
double output_energy_fj(const LibraryPin& pin, const std::string& related, double slew_ns,
                        double load_ff) {
  for (const tech::InternalPower& power : pin.internal_power) {
    if (power.related_pin != related) continue;
    return power.rise_fj.at(slew_ns, load_ff) + power.fall_fj.at(slew_ns, load_ff);
  }
  return pin.internal_energy_fj(slew_ns, load_ff);
}

double worst_delay_ps(const LibraryPin& pin, const std::string& related, double slew_ns,
                      double load_ff) {
  double delay_ns = 0;
  for (const tech::TimingArc& arc : pin.timing) {
    if (arc.related_pin != related) continue;
    delay_ns = std::max(
        {delay_ns, arc.cell_rise_ns.at(slew_ns, load_ff), arc.cell_fall_ns.at(slew_ns, load_ff)});
  }
  return delay_ns * 1000;
}

}  // namespace

ClockGateCells clock_gate_cells(const tech::CellLibrary& library) {
  ClockGateCells cells;
  constexpr std::uint64_t kAnd = 0b1000;
  constexpr std::uint64_t kNot = 0b01;
  for (const LibraryCell& cell : library.cells()) {
    if (cell.latch && !cell.dont_use && cell.outputs.size() == 1) {
      // One that needs no inverter is better.
      const bool better =
          cells.latch == nullptr || (cell.latch->enable_low && !cells.latch->latch->enable_low);
      if (better) cells.latch = &cell;
    }
    if (computes(cell, 2, kAnd) && is_lesser(cell, cells.conjunction)) cells.conjunction = &cell;
    if (computes(cell, 1, kNot) && is_lesser(cell, cells.inverter)) cells.inverter = &cell;
  }
  if (cells.latch == nullptr) throw missing(library, "latch");
  if (cells.conjunction == nullptr) throw missing(library, "AND");
  if (cells.latch->latch->enable_low) {
    cells.inverter = nullptr;
  } else if (cells.inverter == nullptr) {
    throw missing(library, "inverter");
  }
  return cells;
}

std::string clock_gate_verilog(const ClockGateCells& cells) {
  const tech::Latch& latch = *cells.latch->latch;
  std::string text =
      "module clock_gate (\n    input  clk,\n    input  enable,\n    output gated_clk\n);\n"
      "  wire held;\n  wire low;\n";
  text += cells.inverter == nullptr
              ? std::string("  assign low = clk;\n")
              : fmt::format("  {} u_inverter (.{}(clk), .{}(low));\n", cells.inverter->name,
                            input_of(*cells.inverter, 0).name, output_of(*cells.inverter).name);
  text += fmt::format("  {} u_latch (.{}(enable), .{}(low), .{}(held));\n", cells.latch->name,
                      latch.data, latch.enable, output_of(*cells.latch).name);
  text += fmt::format("  {} u_and (.{}(clk), .{}(held), .{}(gated_clk));\nendmodule\n",
                      cells.conjunction->name, input_of(*cells.conjunction, 0).name,
                      input_of(*cells.conjunction, 1).name, output_of(*cells.conjunction).name);
  return text;
}

ClockGateEnergies clock_gate_energies(const tech::CellLibrary& library, const ClockGateCells& cells,
                                      const tech::EnergyParameters& parameters, double load_ff) {
  const double slew = parameters.input_slew_ns;
  const double voltage = library.voltage();
  const auto pin_load_ff = [&](const LibraryPin& pin) {
    return pin.capacitance_ff + parameters.wire_capacitance_ff_per_fanout;
  };
  // One rise and one fall of what drives the pin, without what is inside the driver.
  const auto pin_cycle_fj = [&](const LibraryPin& pin) {
    return pin_load_ff(pin) * voltage * voltage + pin.internal_energy_fj(slew, 0.0);
  };
  const LibraryPin& clock_pin = input_of(*cells.conjunction, 0);
  const LibraryPin& held_pin = input_of(*cells.conjunction, 1);
  const LibraryPin& latch_clock = pin_of(*cells.latch, cells.latch->latch->enable);
  const LibraryPin& latch_data = pin_of(*cells.latch, cells.latch->latch->data);
  const LibraryPin& latch_output = output_of(*cells.latch);

  ClockGateEnergies energies;
  energies.arriving_fj = pin_cycle_fj(clock_pin) + pin_cycle_fj(latch_clock);
  energies.leakage_nw = cells.latch->leakage_nw + cells.conjunction->leakage_nw;
  energies.area = cells.latch->area + cells.conjunction->area;
  if (cells.inverter != nullptr) {
    const LibraryPin& inverted = input_of(*cells.inverter, 0);
    energies.arriving_fj +=
        pin_cycle_fj(inverted) +
        output_energy_fj(output_of(*cells.inverter), inverted.name, slew, pin_load_ff(latch_clock));
    energies.leakage_nw += cells.inverter->leakage_nw;
    energies.area += cells.inverter->area;
  }
  energies.passed_fj =
      output_energy_fj(output_of(*cells.conjunction), clock_pin.name, slew, load_ff);
  energies.enable_load_ff = pin_load_ff(latch_data);
  energies.enable_fj =
      0.5 * (pin_cycle_fj(latch_data) + pin_cycle_fj(held_pin) +
             output_energy_fj(latch_output, latch_data.name, slew, pin_load_ff(held_pin)));
  energies.latch_delay_ps =
      worst_delay_ps(latch_output, latch_data.name, slew, pin_load_ff(held_pin));
  return energies;
}

}  // namespace togglewise::energy
