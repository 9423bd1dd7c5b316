// The proof: Icarus Verilog with the library's own cell models, latches included, sees the toggles
// that the engines count on every net of what gating adds to a PE, and its clock gates let as many
// cycles through.
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "sim/energy/gating_study.h"
#include "sim/energy/mac_hardware.h"
#include "sim/tech/synthesis.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

constexpr const char* kModels = "/usr/share/qflow/tech/osu018/osu018_stdcells.v";
constexpr std::size_t kCycles = 600;
constexpr std::size_t kWarmUp = 3;  // cycles in which every gate is open and zeros enter

struct Streams {
  std::vector<std::int8_t> data, zero, move;  // at the stage's input
  std::vector<std::int8_t> changed;           // from above
};

// From rest to rest.
Streams random_streams(bool zero_activation, std::uint64_t seed) {
  Random random(seed);
  Streams streams;
  std::int8_t last = 0;
  std::int8_t held = 0;
  for (std::size_t t = 0; t < kCycles; ++t) {
    const bool rest = t < 2 || t + 4 > kCycles;
    std::int8_t a = last;
    if (rest || random.below(3) == 0)
      a = 0;
    else if (random.below(2) == 0)
      a = static_cast<std::int8_t>(random.between(-128, 127));
    if (a != 0) held = a;
    streams.data.push_back(zero_activation ? held : a);
    streams.zero.push_back(a == 0 ? 1 : 0);
    streams.move.push_back(a != last ? 1 : 0);
    streams.changed.push_back(!rest && random.below(3) == 0 ? 1 : 0);
    last = a;
  }
  return streams;
}

std::filesystem::path netlist_of(const MacHardware& hardware, const std::string& module,
                                 const std::map<std::string, std::int64_t>& parameters) {
  tech::SynthesisRequest request;
  request.rtl_files = {std::string(TOGGLEWISE_SOURCE_DIR) + "/rtl/" + module + ".sv"};
  request.top = module;
  request.parameters = parameters;
  request.liberty_file = hardware.config().technology.liberty;
  request.clock_period_ps = hardware.config().clock_period_ps;
  return tech::synthesize(request).verilog_file;
}

// Nets that are compared: all but constants and clocks.
std::vector<tech::NetIndex> compared(const tech::Netlist& netlist) {
  std::vector<tech::NetIndex> nets;
  for (std::size_t i = 2; i < netlist.nets().size(); ++i) {
    const std::string& name = netlist.nets()[i].name;
    if (name != "clk" && name != "activation_clk") nets.push_back(static_cast<tech::NetIndex>(i));
  }
  return nets;
}

std::string concatenation(const std::string& instance, const tech::Netlist& netlist) {
  std::string text;
  for (const tech::NetIndex net : compared(netlist)) {
    text += fmt::format("{}{}.{}", text.empty() ? "" : ", ", instance, netlist.net(net).name);
  }
  return text;
}

struct Observed {
  std::vector<std::uint64_t> toggles;  // as the nets stand in the concatenation
  std::uint64_t activation_edges = 0;
  std::uint64_t sum_edges = 0;
};

Observed icarus(const MacHardware& hardware, const GatedStage& stage, bool weight_used,
                const Streams& streams) {
  const TemporaryDirectory folder;
  const StageOptions& options = stage.options;
  const auto& array = hardware.config().array;
  std::string vectors;
  for (std::size_t t = 0; t < kWarmUp + kCycles; ++t) {
    const bool warm = t < kWarmUp;
    const std::size_t i = warm ? 0 : t - kWarmUp;
    const unsigned flags = warm ? 0b011U
                                : static_cast<unsigned>(streams.zero[i]) << 2 |
                                      static_cast<unsigned>(streams.move[i]) << 1 |
                                      static_cast<unsigned>(streams.changed[i]);
    vectors +=
        fmt::format("{:01x}{:02x}\n", flags, warm ? 0 : static_cast<std::uint8_t>(streams.data[i]));
  }
  write_file_atomically(folder.path() / "vectors.hex", vectors);
  write_file_atomically(folder.path() / "clock_gate.v",
                        clock_gate_verilog(clock_gate_cells(hardware.library())));
  const bool sums = stage.partial_sum != nullptr;
  std::string nets = concatenation("stage", *stage.activation->part().netlist);
  if (sums) nets += ", " + concatenation("sums", *stage.partial_sum->part().netlist);
  write_file_atomically(
      folder.path() / "testbench.v",
      fmt::format(
          R"(`timescale 1ns/10ps
module testbench;
  reg clk = 0;
  reg [10:0] vectors [0:{last}];
  reg [7:0] data;
  reg zero, move, changed;
  wire activation_enable, activation_clk, sum_enable, sum_clk, used;
  integer t, activation_edges = 0, sum_edges = 0;
  gated_activation stage(.clk(clk), .activation_clk(activation_clk), .row_on(1'b1),
    .weight(8'd{weight}), .activation_in(data), .zero_in(zero), .move_in(move),
    .activation_enable(activation_enable), .weight_used(used));
  clock_gate activation_gate(.clk(clk), .enable({activation_enable}), .gated_clk(activation_clk));
  {sum_instances}
  always @(posedge activation_clk) if (t >= {warm_up}) activation_edges = activation_edges + 1;
  always @(posedge sum_clk) if (t >= {warm_up}) sum_edges = sum_edges + 1;
  initial begin
    $readmemh("vectors.hex", vectors);
    for (t = 0; t <= {last}; t = t + 1) begin
      {{zero, move, changed, data}} = vectors[t];
      #40;
      $display("%b", {{{nets}}});
      clk = 1;
      #40 clk = 0;
      #20;
    end
    $display("%0d %0d", activation_edges, sum_edges);
    $finish;
  end
endmodule
)",
          fmt::arg("last", kWarmUp + kCycles - 1), fmt::arg("warm_up", kWarmUp),
          fmt::arg("weight", weight_used ? 255 : 0), fmt::arg("nets", nets),
          fmt::arg("activation_enable", options.gates_activation() ? "activation_enable" : "1'b1"),
          fmt::arg("sum_instances",
                   sums ? "partial_sum_gate sums(.clk(clk), .row_on(1'b1), "
                          ".changed_in(changed), .move_in(move), .weight_used(used), "
                          ".partial_sum_enable(sum_enable));\n"
                          "  clock_gate sum_gate(.clk(clk), .enable(sum_enable), "
                          ".gated_clk(sum_clk));"
                        : "assign sum_clk = clk;")));
  const std::map<std::string, std::int64_t> common{
      {"IDLE_ROWS", options.idle_rows}, {"UNCHANGED_PARTIAL_SUM", options.unchanged_partial_sum}};
  std::map<std::string, std::int64_t> of_activation = common;
  of_activation.insert({{"WEIGHT_BITS", array.weight_bits},
                        {"ACTIVATION_BITS", array.activation_bits},
                        {"ZERO_WEIGHT", options.zero_weight},
                        {"ZERO_ACTIVATION", options.zero_activation}});
  std::vector<std::string> command{
      "iverilog",     "-o",
      "simulation",   "testbench.v",
      "clock_gate.v", netlist_of(hardware, "gated_activation", of_activation).string(),
      kModels};
  if (sums) command.push_back(netlist_of(hardware, "partial_sum_gate", common).string());
  const CommandResult compiled = run_command(command, folder.path());
  EXPECT_EQ(compiled.exit_status, 0) << compiled.output;
  const CommandResult run = run_command({"vvp", "-n", "simulation"}, folder.path());
  EXPECT_EQ(run.exit_status, 0) << run.output.substr(0, 1000);

  Observed observed;
  std::istringstream lines(run.output);
  std::string previous;
  for (std::size_t t = 0; t < kWarmUp + kCycles; ++t) {
    std::string line;
    std::getline(lines, line);
    observed.toggles.resize(line.size(), 0);
    if (t > kWarmUp + 1) {  // flags have come to rest behind the warm-up
      EXPECT_EQ(line.find_first_not_of("01"), std::string::npos) << "unknown values: " << t;
      for (std::size_t i = 0; i < line.size(); ++i) {
        observed.toggles[i] += line[i] != previous[i] ? 1 : 0;
      }
    }
    previous = line;
  }
  lines >> observed.activation_edges >> observed.sum_edges;
  return observed;
}

std::uint64_t toggles(const std::vector<std::int8_t>& values) {
  std::uint64_t sum = 0;
  for (std::size_t t = 1; t < values.size(); ++t) sum += values[t] != values[t - 1] ? 1 : 0;
  return sum;
}

gate::BitPlanes planes(const std::vector<std::int8_t>& values, int bits) {
  return gate::BitPlanes::from_int8(values.data(), values.size(), bits,
                                    gate::TimeOrder::interleaved);
}

void compare(const MacHardware& hardware, const array::Gating& gating, bool weight_used) {
  SCOPED_TRACE(gating_name(gating) + (weight_used ? ", weight −1" : ", weight 0"));
  const GatedStage stage(hardware, StageOptions(gating));
  const Streams streams = random_streams(gating.zero_activation, weight_used ? 7 : 8);
  const Observed observed = icarus(hardware, stage, weight_used, streams);

  const ActivationStage& activation = *stage.activation;
  std::vector<std::uint64_t> tally = activation.make_tally();
  activation.run(weight_used, planes(streams.data, 8), planes(streams.zero, 1),
                 planes(streams.move, 1), tally);
  std::size_t place = 0;
  std::uint64_t sum = 0;
  for (const tech::NetIndex net : compared(*activation.part().netlist)) {
    ASSERT_LT(place, observed.toggles.size());
    EXPECT_EQ(activation.toggles(tally, net), observed.toggles[place])
        << activation.part().netlist->net(net).name;
    sum += observed.toggles[place++];
  }
  EXPECT_GT(sum, kCycles);

  std::uint64_t written = 0;
  std::vector<std::int8_t> changed(kCycles, 0);  // enables of the partial sum
  for (std::size_t t = 0; t < kCycles; ++t) {
    const bool zero = gating.zero_activation && streams.zero[t] != 0;
    const bool still = gating.unchanged_partial_sum && streams.move[t] == 0;
    written += zero || still ? 0 : 1;
    changed[t] = streams.changed[t] != 0 || (weight_used && streams.move[t] != 0) ? 1 : 0;
  }
  EXPECT_EQ(observed.activation_edges, written);
  if (!stage.partial_sum || !gating.unchanged_partial_sum) return;
  std::uint64_t enabled = 0;
  for (const std::int8_t enable : changed) enabled += enable != 0 ? 1 : 0;
  EXPECT_EQ(observed.sum_edges, enabled);
  const tech::Netlist& netlist = *stage.partial_sum->part().netlist;
  for (const tech::NetIndex net : compared(netlist)) {
    const SumGate::Follows& follows =
        stage.partial_sum->follows(weight_used)[static_cast<std::size_t>(net)];
    const std::uint64_t expected = (follows.above ? toggles(streams.changed) : 0) +
                                   (follows.move ? toggles(streams.move) : 0) +
                                   (follows.out ? toggles(changed) : 0);
    EXPECT_EQ(expected, observed.toggles[place++]) << netlist.net(net).name;
  }
}

TEST(GatingIcarus, EveryNetsTogglesAndEveryGatedClock_AreTheSame) {
  if (find_program("iverilog").empty()) GTEST_SKIP() << "iverilog is not installed";
  if (!std::filesystem::exists(kModels)) GTEST_SKIP() << kModels << " is not installed";
  const MacHardware hardware(small_hardware_config());
  std::vector<array::Gating> sets(5);
  sets[0].zero_weight = true;
  sets[1].zero_activation = true;
  sets[2].unchanged_partial_sum = true;
  sets[3].idle_rows = true;
  for (const GatingOption& option : gating_options()) sets[4].*option.member = true;
  for (const array::Gating& gating : sets) {
    compare(hardware, gating, true);
    compare(hardware, gating, false);
  }
}

}  // namespace
}  // namespace togglewise::energy
