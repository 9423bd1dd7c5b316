#include <cctype>
#include <map>

#include <fmt/format.h>

#include "sim/activity/net_names.h"
#include "sim/activity/replay.h"

namespace togglewise::activity {
namespace {

// SPEF escapes whatever is no letter, digit or underscore, but not the bus delimiters.
std::string spef_name(const std::string& name) {
  std::string escaped;
  for (const char c : name) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '[' || c == ']';
    if (!plain) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string connections(const tech::Netlist& mac, tech::NetIndex index) {
  const tech::Net& net = mac.net(index);
  std::string text;
  const auto add_pin = [&](const tech::PinReference& pin, char direction) {
    const tech::Cell& cell = mac.cell(pin.cell);
    text += fmt::format("*I {}:{} {}\n", spef_name(cell.name),
                        cell.type->pins[static_cast<std::size_t>(pin.pin)].name, direction);
  };
  if (net.driver.cell != tech::kNone) add_pin(net.driver, 'O');
  for (const tech::PinReference& load : net.loads) add_pin(load, 'I');
  return text;
}

// The node that a lumped capacitance hangs on: the driver.
std::string driver_node(const tech::Netlist& mac, const tech::Net& net) {
  if (net.driver.cell == tech::kNone) return spef_name(net.name);
  const tech::Cell& cell = mac.cell(net.driver.cell);
  return spef_name(cell.name) + ":" +
         cell.type->pins[static_cast<std::size_t>(net.driver.pin)].name;
}

}  // namespace

std::string wire_parasitics(const tech::Netlist& mac, const tech::EnergyParameters& parameters) {
  std::string text = fmt::format(
      "*SPEF \"IEEE 1481-1998\"\n*DESIGN \"{}\"\n*DATE \"\"\n*VENDOR \"Togglewise\"\n"
      "*PROGRAM \"togglewise\"\n*VERSION \"\"\n*DESIGN_FLOW \"\"\n*DIVIDER /\n*DELIMITER :\n"
      "*BUS_DELIMITER [ ]\n*T_UNIT 1 PS\n*C_UNIT 1 FF\n*R_UNIT 1 OHM\n*L_UNIT 1 HENRY\n",
      mac.top());
  std::map<tech::NetIndex, std::string> port_bits;
  for (const tech::Port& port : mac.ports()) {
    for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
      const Signal signal{port.name, port.width() > 1, port.bits};
      port_bits[port.bits[bit]] +=
          fmt::format("*P {} {}\n", spef_name(bit_name(signal, bit)), port.is_input ? 'I' : 'O');
    }
  }
  for (std::size_t i = 2; i < mac.nets().size(); ++i) {
    const tech::Net& net = mac.nets()[i];
    const auto index = static_cast<tech::NetIndex>(i);
    if (net.loads.empty() || index == mac.clock_net()) continue;
    const std::string name = spef_name(net.name);
    const double wire_ff =
        static_cast<double>(net.loads.size()) * parameters.wire_capacitance_ff_per_fanout;
    text += fmt::format("\n*D_NET {} {:.6g}\n*CONN\n{}{}*CAP\n1 {} {:.6g}\n*END\n", name, wire_ff,
                        port_bits[index], connections(mac, index), driver_node(mac, net), wire_ff);
  }
  return text;
}

std::string handoff_readme(const ReplayDesign& design, const tech::EnergyParameters& parameters,
                           const HandoffFiles& files) {
  const std::string top = design.top();
  const bool single = design.range.single();
  const std::string netlists = single ? "netlist.v" : "netlist.v tile.v";
  std::string text = fmt::format(
      "Activity of module {} over {} clock cycles of {} ps ({} ps).\n\n"
      "netlist.v        the synthesized MAC; Liberty: {}\n{}"
      "cells.v          behaviour of its cells, from their Liberty functions\n",
      top, design.timeline.cycles, design.timeline.period_ps, design.timeline.duration_ps(),
      files.liberty, single ? "" : "tile.v           the exported PEs around it\n");
  if (files.saif) text += "activity.saif    time at 0 and 1 and toggles of every net\n";
  if (files.vcd) text += "activity.vcd     waveforms of every net\n";
  text += "constraints.sdc  clock, input slew, loads of the outputs\n";
  if (single) text += "wires.spef       wires as one capacitance a net\n";
  text +=
      "energy.json      what each net's toggles cost by Togglewise\n"
      "testbench.v, vectors.hex   replay the same operands in a simulator\n\n";
  text += fmt::format(
      "Replay with Icarus Verilog (writes replay.vcd):\n"
      "  iverilog -o replay testbench.v {0} cells.v && vvp replay\n{7}\n"
      "OpenSTA 2.6 or newer (looks up pins in SAIF: export with --cell-pins):\n"
      "  read_liberty {1}\n"
      "  read_verilog netlist.v\n{2}"
      "  link_design {3}\n"
      "  read_sdc constraints.sdc\n{4}{5}"
      "  report_power\n\n"
      "PrimeTime PX:\n"
      "  read_verilog {{{0}}}; current_design {3}; link\n"
      "  read_sdc constraints.sdc\n{6}"
      "  set power_enable_analysis true\n"
      "  read_saif activity.saif -strip_path {3}\n"
      "  update_power; report_power -verbose\n\n"
      "Voltus:\n"
      "  read_activity_file -format SAIF -scope {3} activity.saif\n"
      "  report_power\n\n",
      netlists, files.liberty, single ? "" : "  read_verilog tile.v\n", top,
      single ? "  read_spef wires.spef\n" : "",
      files.saif  ? fmt::format("  read_saif -scope {} activity.saif\n", top)
      : files.vcd ? fmt::format("  read_vcd -scope {} activity.vcd\n", top)
                  : "",
      single ? "  read_parasitics -format SPEF wires.spef\n" : "",
      files.glitches ? "It has no delays: its toggles are the settled ones, without glitches.\n"
                     : "");
  text += fmt::format(
      "Our number uses: input slew {} ns in every table lookup, {} fF of wire a driven pin, half\n"
      "of C V^2 a toggle, the mean over a cell's tables and over rise and fall. A tool that\n"
      "propagates slews and picks tables by state differs by what these assumptions cost.\n",
      parameters.input_slew_ns, parameters.wire_capacitance_ff_per_fanout);
  return text;
}

}  // namespace togglewise::activity
