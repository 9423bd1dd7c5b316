// `export-activity` from the command line: the files agree with each other, with the energy, and
// with a simulator that replays the same operands.
#include <cmath>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/activity/activity_readers.h"
#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using Json = nlohmann::json;
using activity::read_vcd;
using activity::SaifFile;
using activity::SaifReader;
using activity::VcdFile;
using testing::HasSubstr;

// K×N×M = 8×3×9 and 27×20×4 on a 16×16 array: the second has four tiles.
const std::string topology_text =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n"
    "conv1, 4, 4, 2, 2, 2, 3, 1,\n"
    "conv2, 4, 4, 3, 3, 3, 20, 1,\n";

class ExportActivity : public testing::Test {
 protected:
  ExportActivity() { run.write("net.csv", topology_text); }

  CommandResult export_activity(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"export-activity", "--hw",  "hw.yaml", "--workload",
                                          "net.csv",         "--out", "out"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run.run(arguments);
  }
  std::string text(const std::string& name) const { return read_file(run.file("out/" + name)); }
  Json energy() const { return Json::parse(text("energy.json")); }
  bool has(const std::string& name) const {
    return std::filesystem::exists(run.file("out/" + name));
  }

  // The toggles of `replay.vcd`, as Icarus sees them with the models of cells.v.
  VcdFile replay(bool tile) const {
    std::vector<std::string> compile = {"iverilog",    "-o",        "replay",
                                        "testbench.v", "netlist.v", "cells.v"};
    if (tile) compile.push_back("tile.v");
    const std::string folder = run.file("out");
    const CommandResult compiled = run_command(compile, folder);
    EXPECT_EQ(compiled.exit_status, 0) << compiled.output;
    const CommandResult simulated = run_command({"vvp", "-n", "replay"}, folder);
    EXPECT_EQ(simulated.exit_status, 0) << simulated.output;
    return read_vcd(text("replay.vcd"));
  }

  void expect_refused(const std::vector<std::string>& arguments, const std::string& id,
                      const std::vector<std::string>& words) const {
    const CommandResult refused = export_activity(arguments);
    EXPECT_EQ(refused.exit_status, 2) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("[" + id + "]"));
    for (const std::string& word : words) EXPECT_THAT(refused.output, HasSubstr(word));
    EXPECT_TRUE(!has("") || std::filesystem::is_empty(run.file("out"))) << refused.output;
  }

  SmallRun run;
};

// What the nets of all PEs cost, from SAIF and the energies of one toggle.
double energy_from_saif(const SaifFile& saif, const Json& json,
                        const std::vector<std::string>& instances) {
  double energy_fj = 0.0;
  for (const Json& net : json["nets"]) {
    for (const std::string& instance : instances) {
      energy_fj += static_cast<double>(saif.nets.at(instance + net["name"].get<std::string>()).tc) *
                   net["dynamic_fj_per_toggle"].get<double>();
    }
  }
  return energy_fj;
}

TEST_F(ExportActivity, OnePe_IsTheSameInSaif_Vcd_Energy_AndReplay) {
  const CommandResult done =
      export_activity({"--layer", "conv2", "--tile", "2", "--pe", "3,1", "--format", "both"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("PE 3,1"));
  EXPECT_THAT(done.output, HasSubstr("activity.vcd: at most"));
  const SaifFile saif = SaifReader(text("activity.saif")).read();
  const VcdFile vcd = read_vcd(text("activity.vcd"));
  const Json json = energy();
  EXPECT_EQ(saif.duration, json["duration_ps"]);
  EXPECT_EQ(saif.duration, 8000U * (4 + 3 + 1 - 1));
  EXPECT_EQ(vcd.end, saif.duration);
  EXPECT_GT(saif.nets.size(), 500U);
  std::size_t silent = 0;
  for (const auto& [name, net] : saif.nets) {
    EXPECT_EQ(net.t0 + net.t1 + net.tx, saif.duration) << name;
    EXPECT_EQ(vcd.toggles.at(name), net.tc) << name;
    EXPECT_EQ(vcd.time_one.at(name), net.t1) << name;
    silent += net.tc == 0 ? 1 : 0;
  }
  EXPECT_GT(silent, 0U) << "nets without toggles are in the file too";
  EXPECT_EQ(vcd.toggles.size(), saif.nets.size());
  EXPECT_EQ(saif.nets.at("mac/clk").tc, 2 * json["cycles"].get<std::uint64_t>());
  EXPECT_EQ(json["nets"].size() + 1, saif.nets.size());
  EXPECT_GT(json["energy"]["dynamic_fj"].get<double>(), 1000.0);
  EXPECT_NEAR(energy_from_saif(saif, json, {"mac/"}), json["energy"]["dynamic_fj"].get<double>(),
              1e-6);
  for (const char* name : {"README.txt", "netlist.v", "constraints.sdc", "wires.spef"}) {
    EXPECT_TRUE(has(name)) << name;
  }
  EXPECT_THAT(text("README.txt"), HasSubstr("read_saif activity.saif -strip_path mac"));
  if (find_program("iverilog").empty()) GTEST_SKIP() << "iverilog is not installed";
  const VcdFile replayed = replay(false);
  for (const auto& [name, net] : saif.nets) {
    const std::string there = "testbench/dut" + name.substr(3);
    ASSERT_EQ(replayed.toggles.count(there), 1U) << there;
    EXPECT_EQ(replayed.toggles.at(there), net.tc) << name;
  }
}

TEST_F(ExportActivity, WholeTile_IsTheSameInSaif_Vcd_Energy_AndReplay) {
  const CommandResult done =
      export_activity({"--layer", "0", "--all-pes", "--format", "both", "--images", "2"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  const SaifFile saif = SaifReader(text("activity.saif")).read();
  const VcdFile vcd = read_vcd(text("activity.vcd"));
  const Json json = energy();
  std::vector<std::string> instances;
  for (const Json& pe : json["pes"]) {
    instances.push_back("tile/pe_" + std::to_string(pe["row"].get<int>()) + "_" +
                        std::to_string(pe["column"].get<int>()) + "/");
  }
  EXPECT_EQ(instances.size(), 24U);
  for (const auto& [name, net] : saif.nets) {
    EXPECT_EQ(net.t0 + net.t1 + net.tx, saif.duration) << name;
    EXPECT_EQ(vcd.toggles.at(name), net.tc) << name;
    EXPECT_EQ(vcd.time_one.at(name), net.t1) << name;
  }
  const double dynamic_fj = json["energy"]["dynamic_fj"].get<double>();
  EXPECT_NEAR(energy_from_saif(saif, json, instances), dynamic_fj, 1e-9 * dynamic_fj);
  double pes_fj = 0.0;
  for (const Json& pe : json["pes"]) pes_fj += pe["dynamic_fj"].get<double>();
  EXPECT_NEAR(pes_fj, dynamic_fj, 1e-9 * dynamic_fj);
  if (find_program("iverilog").empty()) GTEST_SKIP() << "iverilog is not installed";
  const VcdFile replayed = replay(true);
  for (const auto& [name, net] : saif.nets) {
    const std::string there = "testbench/dut" + name.substr(4);
    ASSERT_EQ(replayed.toggles.count(there), 1U) << there;
    EXPECT_EQ(replayed.toggles.at(there), net.tc) << name;
  }
}

TEST_F(ExportActivity, InertialTiming_AddsGlitches_ToTheSameSettledToggles) {
  ASSERT_EQ(export_activity({"--column", "1"}).exit_status, 0);
  const Json settled = energy();
  const CommandResult done = export_activity(
      {"--column", "1", "--timing", "inertial", "--quantum-ps", "25", "--format", "both"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  const Json glitches = energy();
  EXPECT_EQ(glitches["conditions"]["quantum_ps"], 25.0);
  std::uint64_t more = 0;
  for (std::size_t i = 0; i < settled["nets"].size(); ++i) {
    const auto before = settled["nets"][i]["toggles"].get<std::uint64_t>();
    EXPECT_EQ(glitches["nets"][i]["settled_toggles"], before);
    const auto after = glitches["nets"][i]["toggles"].get<std::uint64_t>();
    EXPECT_EQ((after - before) % 2, 0U);
    more += after - before;
  }
  EXPECT_GT(more, 100U);
  const SaifFile saif = SaifReader(text("activity.saif")).read();
  const VcdFile vcd = read_vcd(text("activity.vcd"));
  for (const auto& [name, net] : saif.nets) EXPECT_EQ(vcd.toggles.at(name), net.tc) << name;
}

TEST_F(ExportActivity, IsTheSameForAnyNumberOfThreads_AndHoldsCellPinsWhereAsked) {
  std::set<std::string> files;
  for (const char* threads : {"1", "3"}) {
    ASSERT_EQ(export_activity({"--column", "0", "--cell-pins", "--threads", threads}).exit_status,
              0);
    files.insert(text("activity.saif"));
  }
  EXPECT_EQ(files.size(), 1U);
  const SaifFile saif = SaifReader(text("activity.saif")).read();
  std::size_t pins = 0;
  for (const auto& [name, net] : saif.nets) {
    if (name.rfind("tile/pe_0_0/u_adder.c0/", 0) == 0) ++pins;
  }
  EXPECT_GE(pins, 2U);
}

TEST_F(ExportActivity, Model_WithAnImageOfItsWorkload) {
  const CommandResult done =
      run.run({"export-activity", "--hw", "hw.yaml", "--model", SmallRun::model(), "--workload",
               "workload.yaml", "--image", "2", "--layer", "1", "--out", "out"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  EXPECT_EQ(energy()["first_image"], 2);
  EXPECT_EQ(energy()["pes"].size(), 1U);
  EXPECT_NE(energy()["pes"][0]["weight"], 0);
}

TEST_F(ExportActivity, RefusesWhatIsNotThere) {
  expect_refused({"--layer", "conv3"}, "TW-ACT-001", {"'conv3'", "did you mean 'conv"});
  expect_refused({"--layer", "2"}, "TW-ACT-001", {"number 2", "0 to 1"});
  expect_refused({"--layer", "conv2", "--tile", "4"}, "TW-ACT-002", {"no tile 4", "0 to 3"});
  expect_refused({"--tile", "-1"}, "TW-ACT-002", {"no tile -1"});
  expect_refused({"--pe", "3"}, "TW-ACT-003", {"--pe '3'", "ROW,COLUMN"});
  expect_refused({"--pe", "x,1"}, "TW-ACT-003", {"'x,1'"});
  expect_refused({"--pe", "16,0"}, "TW-ACT-003", {"rows 0 to 15"});
  expect_refused({"--pe", "8,0"}, "TW-ACT-004", {"tile 0 of layer 'conv1'", "rows 0 to 7"});
  expect_refused({"--column", "3"}, "TW-ACT-004", {"column 3", "columns 0 to 2"});
  expect_refused({"--column", "16"}, "TW-ACT-005", {"0 to 15"});
  expect_refused({"--column", "1", "--all-pes"}, "TW-ACT-006", {"--pe ROW,COLUMN"});
  expect_refused({"--format", "fsdb"}, "TW-CLI-001", {"fsdb"});
}

TEST_F(ExportActivity, RefusesLargeFiles_BeforeWritingAny) {
  expect_refused({"--layer", "conv2", "--all-pes", "--limit", "1"}, "TW-ACT-007",
                 {"activity.saif", "at most 1 MB"});
  expect_refused(
      {"--layer", "conv2", "--column", "1", "--images", "40", "--format", "vcd", "--limit", "1"},
      "TW-ACT-007", {"activity.vcd"});
}

}  // namespace
}  // namespace togglewise
