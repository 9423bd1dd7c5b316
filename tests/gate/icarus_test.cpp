// The proof: Icarus Verilog with the library's own cell models sees the same toggles on every net.
#include <sstream>

#include <fmt/format.h>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

const char* const kCellModels = "/usr/share/qflow/tech/osu018/osu018_stdcells.v";

// Hierarchical name of a net inside `dut`; escaped, because flattened names hold dots.
std::string verilog_name(const tech::Net& net) {
  const std::size_t bracket = net.name.rfind('[');
  const std::string base = net.name.substr(0, bracket);
  const std::string bit = bracket == std::string::npos ? "" : net.name.substr(bracket);
  return fmt::format("dut.\\{} {}", base, bit);
}

// Applies one vector a cycle, prints all nets just before the clock edge. The first vector is
// applied twice, so that registers have left X when the first line counts; the last one once more,
// so that registers follow.
std::string vectors(const Streams& streams) {
  std::string lines;
  const std::size_t cycles = streams.activation.size();
  for (std::size_t line = 0; line < cycles + 2; ++line) {
    const std::size_t t = line == 0 ? 0 : std::min(line - 1, cycles - 1);
    lines += fmt::format("{:02x}{:06x}\n", static_cast<std::uint8_t>(streams.activation[t]),
                         static_cast<std::uint32_t>(streams.partial_sum[t]) & 0x3FFFFFU);
  }
  return lines;
}

std::string testbench(const tech::Netlist& mac, int weight, std::size_t cycles,
                      const std::vector<tech::NetIndex>& nets) {
  std::string all;
  for (const tech::NetIndex net : nets) {
    all += (all.empty() ? "" : ",\n      ") + verilog_name(mac.net(net));
  }
  return fmt::format(R"(`timescale 1ns/10ps
module testbench;
  reg clk = 0;
  reg [31:0] vectors [0:{last}];
  reg [7:0] activation;
  reg [21:0] partial_sum;
  integer t;
  mac dut(.clk(clk), .weight({weight}), .activation_in(activation), .partial_sum_in(partial_sum));
  initial begin
    $readmemh("vectors.hex", vectors);
    for (t = 0; t <= {last}; t = t + 1) begin
      {{activation, partial_sum}} = {{vectors[t][31:24], vectors[t][21:0]}};
      #40;
      if (t > 0) $display("%b", {{{nets}}});
      clk = 1;
      #40 clk = 0;
      #20;
    end
    $finish;
  end
endmodule
)",
                     fmt::arg("last", cycles + 1),
                     fmt::arg("weight", fmt::format("8'd{}", weight & 0xFF)),
                     fmt::arg("nets", all));
}

std::vector<std::uint64_t> icarus_toggles(const tech::Netlist& mac, int weight,
                                          const Streams& streams,
                                          const std::vector<tech::NetIndex>& nets) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "vectors.hex", vectors(streams));
  write_file_atomically(folder.path() / "testbench.v",
                        testbench(mac, weight, streams.activation.size(), nets));
  const std::string verilog = tech::synthesize(tech::mac_request()).verilog_file.string();
  const CommandResult compiled = run_command(
      {"iverilog", "-o", "simulation", "testbench.v", verilog, kCellModels}, folder.path());
  EXPECT_EQ(compiled.exit_status, 0) << compiled.output;
  const CommandResult run = run_command({"vvp", "-n", "simulation"}, folder.path());
  EXPECT_EQ(run.exit_status, 0) << run.output.substr(0, 1000);

  std::vector<std::uint64_t> toggles(nets.size(), 0);
  std::istringstream lines(run.output);
  std::string previous;
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_EQ(line.size(), nets.size());
    EXPECT_EQ(line.find_first_not_of("01"), std::string::npos)
        << "unknown values in line " << count;
    for (std::size_t i = 0; i < previous.size() && i < line.size(); ++i) {
      toggles[i] += line[i] != previous[i] ? 1 : 0;
    }
    previous = line;
  }
  EXPECT_EQ(count, streams.activation.size() + 1);
  return toggles;
}

class IcarusTest : public ::testing::TestWithParam<int> {};

TEST_P(IcarusTest, EveryNetsToggles_AreTheSame) {
  if (find_program("iverilog").empty()) GTEST_SKIP() << "iverilog is not installed";
  if (!std::filesystem::exists(kCellModels)) GTEST_SKIP() << kCellModels << " is not installed";
  const int weight = GetParam();
  const Streams streams = random_streams(3001, 22, static_cast<std::uint64_t>(weight + 500));
  const tech::Netlist& mac = mac22().netlist;
  std::vector<tech::NetIndex> nets;
  for (std::size_t net = 2; net < mac.nets().size(); ++net) {
    if (static_cast<int>(net) != mac.clock_net()) nets.push_back(static_cast<int>(net));
  }
  ASSERT_GT(nets.size(), 450U);
  const std::vector<std::uint64_t> expected = icarus_toggles(mac, weight, streams, nets);

  BitPlanes out;
  ToggleTally tally;
  engine22().run(weight, BitPlanes::from_int8(streams.activation),
                 BitPlanes::from_int32(streams.partial_sum, 22), out, tally);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < nets.size(); ++i) {
    EXPECT_EQ(engine22().net_toggles(tally, nets[i]), expected[i]) << mac.net(nets[i]).name;
    total += expected[i];
  }
  EXPECT_GT(total, 3000U * 10U);
}

INSTANTIATE_TEST_SUITE_P(Weights, IcarusTest, ::testing::Values(93, 0, -1, 64, -128),
                         [](const auto& chosen) {
                           return chosen.param < 0 ? "minus" + std::to_string(-chosen.param)
                                                   : std::to_string(chosen.param);
                         });

}  // namespace
}  // namespace togglewise::gate
