#include <fmt/format.h>

#include "sim/activity/replay.h"
#include "sim/activity/saif_writer.h"
#include "sim/activity/vcd_writer.h"
#include "sim/base/command.h"
#include "sim/base/files.h"
#include "tests/activity/activity_readers.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::activity {
namespace {

TEST(SaifWriter, EscapesBrackets_AndNestsInstances) {
  std::ostringstream out;
  SaifWriter saif(out, "tile", 1000);
  saif.begin_instance("tile");
  saif.net("sum[3]", {400, 600, 7, 2});
  saif.begin_instance("pe_0_1");
  saif.net("u_adder.n4", {1000, 0, 0, 0});
  saif.end_instance();
  saif.end_instance();
  saif.finish();
  EXPECT_NE(out.str().find("(sum\\[3\\] (T0 400) (T1 600) (TX 0) (TC 7) (IG 2))"),
            std::string::npos)
      << out.str();
  const SaifFile file = SaifReader(out.str()).read();
  EXPECT_EQ(file.duration, 1000U);
  EXPECT_EQ(file.divider, "/");
  EXPECT_EQ(file.timescale, "1 ps");
  EXPECT_EQ(file.direction, "backward");
  EXPECT_EQ(file.nets.at("tile/sum[3]").tc, 7U);
  EXPECT_EQ(file.nets.at("tile/sum[3]").ig, 2U);
  EXPECT_EQ(file.nets.at("tile/pe_0_1/u_adder.n4").t0, 1000U);
}

array::TileStreams column_of_two() {
  array::TileOperands operands;
  operands.used_rows = 2;
  operands.used_columns = 1;
  operands.stream_length = 30;
  operands.weights = {-77, 35};
  Random random(4);
  for (int i = 0; i < 60; ++i) {
    operands.activations.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
  }
  return array::to_streams(operands);
}

// Glitches come at any time of the period, also behind the falling edge of the clock.
TEST(VcdWriter, HoldsEveryChange_OfEveryPeUnderAllItsNames) {
  const tech::Netlist& mac = gate::mac22().netlist;
  const array::TileStreams streams = column_of_two();
  const PeRange range{0, 2, 0, 1};
  const gate::InertialModel model = gate::make_inertial_model(
      mac, tech::compute_delays(mac, {}, tech::mac_external_loads(mac, {})), 15.0);
  const Timeline timeline{6001, cycles_of(streams, range)};
  const TileModule module = tile_module(mac, streams, range);
  const VcdDesign design{"tile", "clk", module.wires, pes_of(streams, range), true};
  std::vector<PeWaveforms> waveforms;
  for (int r = 0; r < 2; ++r) {
    waveforms.push_back(record_inertial(mac, model, stimulus_of(streams, r, 0, 22)));
  }
  std::ostringstream out;
  write_vcd(out, mac, design, waveforms, timeline, [](std::uint64_t, std::uint64_t) {});
  const VcdFile vcd = read_vcd(out.str());
  EXPECT_EQ(vcd.end, timeline.duration_ps());
  EXPECT_EQ(vcd.toggles.at("tile/clk"), 2 * timeline.cycles);
  std::vector<std::uint64_t> sums(mac.nets().size(), 0);
  for (std::size_t pe = 0; pe < 2; ++pe) {
    const std::vector<NetActivity> activity =
        count_activity(mac, waveforms[pe], timeline, design.pes[pe].delay_cycles);
    for (std::size_t net = 2; net < activity.size(); ++net) {
      const std::string name = fmt::format("tile/pe_{}_0/{}", pe, mac.nets()[net].name);
      ASSERT_EQ(vcd.toggles.count(name), 1U) << name;
      EXPECT_EQ(vcd.toggles.at(name), activity[net].toggles) << name;
      EXPECT_EQ(vcd.time_one.at(name), activity[net].time_one_ps) << name;
      if (static_cast<int>(net) != mac.clock_net()) sums[net] += activity[net].toggles;
    }
  }
  EXPECT_EQ(vcd.toggles.at("tile/partial_sum_1_0[0]"),
            vcd.toggles.at("tile/pe_0_0/partial_sum_out[0]"));
  EXPECT_EQ(vcd.toggles.at("tile/partial_sum_1_0[0]"),
            vcd.toggles.at("tile/pe_1_0/partial_sum_in[0]"));
  EXPECT_EQ(vcd.toggles.at("tile/activation_in[9]"),
            vcd.toggles.at("tile/pe_1_0/activation_in[1]"));
  EXPECT_LE(out.str().size(), estimate_vcd_bytes(mac, design, timeline, sums));
}

TEST(WireParasitics, AreReadByOpenSta_WithoutAWarning) {
  if (find_program("sta").empty()) GTEST_SKIP() << "OpenSTA is not installed";
  const tech::Netlist& mac = gate::mac22().netlist;
  const array::TileStreams streams = column_of_two();
  const ReplayDesign design{&mac, &streams, {0, 1, 0, 1}, {8000, 33}};
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "wires.spef", wire_parasitics(mac, {}));
  write_file_atomically(folder.path() / "constraints.sdc", design_constraints(design, {}));
  write_file_atomically(
      folder.path() / "run.tcl",
      fmt::format("read_liberty {}\nread_verilog {}\nlink_design mac\nread_sdc constraints.sdc\n"
                  "read_spef wires.spef\nputs finished\n",
                  tech::osu018_file().string(),
                  tech::synthesize(tech::mac_request()).verilog_file.string()));
  const CommandResult run = run_command({"sta", "-no_splash", "-exit", "run.tcl"}, folder.path());
  EXPECT_NE(run.output.find("finished"), std::string::npos) << run.output;
  for (const char* trouble : {"Warning: wires", "Warning: constraints", "Error"}) {
    EXPECT_EQ(run.output.find(trouble), std::string::npos) << run.output.substr(0, 2000);
  }
}

}  // namespace
}  // namespace togglewise::activity
