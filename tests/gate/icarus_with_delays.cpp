#include "tests/gate/icarus_with_delays.h"

#include <cmath>
#include <regex>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/base/command.h"
#include "sim/tech/sdf.h"

namespace togglewise::gate {
namespace {

constexpr int kCyclePs = 60000;  // long enough for the slowest library to settle

// Hierarchical name of a net inside `dut`; escaped, because flattened names hold dots.
std::string verilog_name(const tech::Net& net) {
  const std::size_t bracket = net.name.rfind('[');
  const std::string bit = bracket == std::string::npos ? "" : net.name.substr(bracket);
  return fmt::format("dut.\\{} {}", net.name.substr(0, bracket), bit);
}

// Icarus 11 reads no escaped names in SDF files, so instances get plain ones on both sides.
std::string with_plain_instances(const std::string& verilog) {
  static const std::regex instance(R"(\n  (\w+) \\(\w+)\.(\w+) +\()");
  return std::regex_replace(verilog, instance, "\n  $1 $2__$3 (");
}
std::string with_plain_instances_in_sdf(const std::string& sdf) {
  static const std::regex escaped_dot(R"(\\\.)");
  return std::regex_replace(sdf, escaped_dot, "__");
}

// The vendors' models round delays to 10 ps.
std::string with_finer_timescale(const std::string& models) {
  static const std::regex timescale("`timescale +1ns/[0-9]+ps");
  return std::regex_replace(models, timescale, "`timescale 1ns/1ps");
}

void require_success(const CommandResult& result) {
  if (result.exit_status != 0) throw std::runtime_error(result.output.substr(0, 2000));
}

// Wires that follow bits of `source` after the launch delays.
std::string delayed_bits(const tech::Port& port, const tech::NetlistDelays& delays,
                         const std::string& source) {
  std::string text;
  for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
    const tech::EdgeDelays& launch = delays.launch[static_cast<std::size_t>(port.bits[bit])];
    text += fmt::format("  assign #({:.3f}, {:.3f}) {}[{}] = {}[{}];\n", launch.rise_ps * 1e-3,
                        launch.fall_ps * 1e-3, port.name, bit, source, bit);
  }
  return text;
}

}  // namespace

IcarusWithDelays::IcarusWithDelays(const tech::Netlist& mac, const tech::NetlistDelays& delays,
                                   const std::filesystem::path& verilog_file,
                                   const std::filesystem::path& cell_models)
    : widths_(tech::mac_widths(mac)), net_count_(mac.nets().size()) {
  for (std::size_t net = 2; net < mac.nets().size(); ++net) {
    const auto index = static_cast<tech::NetIndex>(net);
    if (index != mac.clock_net()) watched_.push_back(index);
  }
  const auto write = [&](const char* name, const std::string& text) {
    write_file_atomically(folder_.path() / name, text);
  };
  write("mac.v", with_plain_instances(read_file(verilog_file)));
  write("cells.v", with_finer_timescale(read_file(cell_models)));
  write("mac.sdf", with_plain_instances_in_sdf(tech::sdf_text(mac, delays)));
  write("testbench.v", testbench(mac, delays));
  require_success(
      run_command({"iverilog", "-gspecify", "-o", "simulation", "testbench.v", "mac.v", "cells.v"},
                  folder_.path()));
}

std::string IcarusWithDelays::testbench(const tech::Netlist& mac,
                                        const tech::NetlistDelays& delays) const {
  std::string counters;
  std::string prints;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    counters += fmt::format("  integer c{0} = 0; always @({1}) c{0} = c{0} + counting;\n", i,
                            verilog_name(mac.net(watched_[i])));
    prints += fmt::format("    $display(\"%0d\", c{});\n", i);
  }
  return fmt::format(
      R"(`timescale 1ns/1ps
module testbench;
  reg clk = 0;
  reg [79:0] vectors [0:1048575];
  reg [79:0] now;
  integer counting = 0;
  integer t, last;
  wire [{weight_msb}:0] weight = now[71:64];
  wire [31:0] activation_now = now[63:32];
  wire [31:0] partial_sum_now = now[31:0];
  wire [{activation_msb}:0] activation_in;
  wire [{partial_sum_msb}:0] partial_sum_in;
{bits}
  {top} dut(.clk(clk), .weight(weight), .activation_in(activation_in),
          .partial_sum_in(partial_sum_in));
{counters}
  initial begin
    $sdf_annotate("mac.sdf", dut);
    if (!$value$plusargs("last=%d", last)) $finish;
    $readmemh("vectors.hex", vectors, 0, last);
    for (t = 0; t <= last; t = t + 1) begin
      clk = 1;
      now = vectors[t];
      #{high} clk = 0;
      #{low};
      if (t == 1) counting = 1;
    end
{prints}
    $finish;
  end
endmodule
)",
      fmt::arg("top", mac.top()), fmt::arg("weight_msb", widths_.weight_bits - 1),
      fmt::arg("activation_msb", widths_.activation_bits - 1),
      fmt::arg("partial_sum_msb", widths_.partial_sum_bits - 1),
      fmt::arg("bits", delayed_bits(*mac.port("activation_in"), delays, "activation_now") +
                           delayed_bits(*mac.port("partial_sum_in"), delays, "partial_sum_now")),
      fmt::arg("counters", counters), fmt::arg("prints", prints), fmt::arg("high", kCyclePs / 2000),
      fmt::arg("low", kCyclePs / 2000));
}

std::vector<std::uint64_t> IcarusWithDelays::toggles(
    const std::vector<PeOperands>& operands) const {
  // The first operand twice, so that registers have left X and stand as it leaves them; the last
  // one once more.
  std::string vectors;
  for (std::size_t line = 0; line < operands.size() + 2; ++line) {
    const PeOperands& now = operands[line == 0 ? 0 : std::min(line - 1, operands.size() - 1)];
    vectors += fmt::format("{:04x}_{:08x}_{:08x}\n", static_cast<std::uint8_t>(now.weight),
                           static_cast<std::uint8_t>(now.activation),
                           static_cast<std::uint32_t>(now.partial_sum));
  }
  const TemporaryDirectory run_folder;
  write_file_atomically(run_folder.path() / "vectors.hex", vectors);
  std::filesystem::create_symlink(folder_.path() / "mac.sdf", run_folder.path() / "mac.sdf");
  const CommandResult run = run_command({"vvp", "-n", (folder_.path() / "simulation").string(),
                                         "-sdf-warn", fmt::format("+last={}", operands.size() + 1)},
                                        run_folder.path());
  require_success(run);
  std::vector<std::uint64_t> result(net_count_, 0);
  std::istringstream lines(run.output);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const bool digits = !line.empty() && line.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || count >= watched_.size()) throw std::runtime_error("Icarus says: " + line);
    result[static_cast<std::size_t>(watched_[count])] = std::stoull(line);
  }
  if (count != watched_.size()) throw std::runtime_error("Icarus counted too few nets");
  return result;
}

}  // namespace togglewise::gate
