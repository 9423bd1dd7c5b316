#include "sim/activity/replay.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/tech/verilog_models.h"

namespace togglewise::activity {
namespace {

// A part of an input port and what drives it: one PE's operand in every state of the design.
struct InputPart {
  std::string port;
  int width = 0;
  std::uint64_t delay_cycles = 0;
  std::vector<std::int32_t> values;
};

template <typename Values>
InputPart part(const std::string& port, int width, const TilePe& pe, const Values& values) {
  return {port, width, pe.delay_cycles, {values.begin(), values.end()}};
}

// In the order of the concatenation that a vector is: the most significant part first.
std::vector<InputPart> input_parts(const ReplayDesign& design) {
  const int activation_bits = design.mac->port("activation_in")->width();
  const int partial_sum_bits = design.mac->port("partial_sum_in")->width();
  std::vector<InputPart> parts;
  std::vector<InputPart> partial_sums;
  for (const TilePe& pe : pes_of(*design.streams, design.range)) {
    const bool first_column = pe.column == design.range.column_begin;
    const bool first_row = pe.row == design.range.row_begin;
    if (!first_column && !first_row) continue;
    PeStimulus stimulus = stimulus_of(*design.streams, pe.row, pe.column, partial_sum_bits);
    if (design.range.single()) {
      const std::vector<int> weight(stimulus.activation.size(), pe.weight);
      parts.push_back(part("weight", design.mac->port("weight")->width(), pe, weight));
    }
    if (first_column) {
      parts.push_back(part("activation_in", activation_bits, pe, stimulus.activation));
    }
    if (first_row) {
      partial_sums.push_back(part("partial_sum_in", partial_sum_bits, pe, stimulus.partial_sum));
    }
  }
  // Later PEs have the higher bits of a port.
  std::reverse(parts.begin() + (design.range.single() ? 1 : 0), parts.end());
  parts.insert(parts.end(), partial_sums.rbegin(), partial_sums.rend());
  return parts;
}

struct InputPort {
  std::string name;
  int width = 0;
};
std::vector<InputPort> input_ports(const ReplayDesign& design) {
  const auto width = [&](const char* port) { return design.mac->port(port)->width(); };
  std::vector<InputPort> ports;
  if (design.range.single()) ports.push_back({"weight", width("weight")});
  ports.push_back({"activation_in", width("activation_in") * design.range.rows()});
  ports.push_back({"partial_sum_in", width("partial_sum_in") * design.range.columns()});
  return ports;
}

std::string hexadecimal(const std::string& bits) {
  std::string digits;
  const std::size_t lead = (4 - bits.size() % 4) % 4;
  unsigned digit = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    digit = digit * 2 + (bits[i] == '1' ? 1 : 0);
    if ((i + 1 + lead) % 4 != 0) continue;
    digits += "0123456789abcdef"[digit];
    digit = 0;
  }
  return digits;
}

}  // namespace

std::string replay_testbench(const ReplayDesign& design) {
  std::string declarations;
  std::string names;
  std::string connections;
  int bits = 0;
  for (const InputPort& port : input_ports(design)) {
    declarations += fmt::format("  reg [{}:0] {};\n", port.width - 1, port.name);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", port.name);
    connections += fmt::format(", .{}({})", port.name, port.name);
    bits += port.width;
  }
  return fmt::format(
      R"(// Replays the stimulus that the activity files were recorded under and dumps all nets.
`timescale 1ps/1ps
module testbench;
  reg clk = 0;
  reg [{top_bit}:0] vectors [0:{cycles}];
{declarations}  integer k;
  {top} dut(.{clock}(clk){connections});
  initial begin
    $readmemh("vectors.hex", vectors);
    {{{names}}} = vectors[0];
    // Registers take the state of the first operands before anything is recorded.
    repeat ({settle}) begin
      #{low} clk = 1;
      #{high} clk = 0;
    end
    $dumpfile("replay.vcd");
    $dumpvars(0, dut);
    for (k = 1; k <= {cycles}; k = k + 1) begin
      #{low} clk = 1;
      {{{names}}} <= vectors[k];
      #{high} clk = 0;
    end
    #1 $finish;
  end
endmodule
)",
      fmt::arg("top_bit", bits - 1), fmt::arg("cycles", design.timeline.cycles),
      fmt::arg("declarations", declarations), fmt::arg("top", design.top()),
      fmt::arg("clock", design.mac->net(design.mac->clock_net()).name),
      fmt::arg("connections", connections), fmt::arg("names", names),
      fmt::arg("settle", design.range.rows() + design.range.columns()),
      fmt::arg("low", design.timeline.low_ps()),
      fmt::arg("high", design.timeline.period_ps - design.timeline.low_ps()));
}

std::string replay_vectors(const ReplayDesign& design) {
  const std::vector<InputPart> parts = input_parts(design);
  std::string lines;
  for (std::uint64_t state = 0; state <= design.timeline.cycles; ++state) {
    std::string bits;
    for (const InputPart& one : parts) {
      const std::uint64_t t = state < one.delay_cycles ? 0 : state - one.delay_cycles;
      const auto value =
          static_cast<std::uint32_t>(one.values[std::min<std::size_t>(t, one.values.size() - 1)]);
      for (int bit = one.width - 1; bit >= 0; --bit) {
        bits += ((value >> static_cast<unsigned>(bit)) & 1U) != 0 ? '1' : '0';
      }
    }
    lines += hexadecimal(bits) + "\n";
  }
  return lines;
}

std::string design_constraints(const ReplayDesign& design,
                               const tech::EnergyParameters& parameters) {
  const tech::Netlist& mac = *design.mac;
  const std::string clock = mac.net(mac.clock_net()).name;
  std::string text = fmt::format(
      "# Units: ns and pF, as in the Liberty file that the netlist was made with.\n"
      "create_clock -name {} -period {} [get_ports {}]\n",
      clock, parameters.clock_period_ps * 1e-3, clock);
  for (const InputPort& port : input_ports(design)) {
    text += fmt::format("set_input_transition {} [get_ports {}*]\n", parameters.input_slew_ns,
                        port.name);
  }
  const auto add_loads = [&](const char* output, const char* input, int copies) {
    const std::vector<double> loads = tech::port_capacitance_ff(mac, input, parameters);
    for (int copy = 0; copy < copies; ++copy) {
      for (std::size_t bit = 0; bit < loads.size(); ++bit) {
        text += fmt::format("set_load {:.6f} [get_ports {{{}[{}]}}]\n", loads[bit] * 1e-3, output,
                            static_cast<std::size_t>(copy) * loads.size() + bit);
      }
    }
  };
  text += "# What the same-named inputs of the next PE are, its wires included.\n";
  add_loads("activation_out", "activation_in", design.range.rows());
  add_loads("partial_sum_out", "partial_sum_in", design.range.columns());
  return text;
}

}  // namespace togglewise::activity
