// `simulate` on topologies, operand files and SCALE-Sim configurations, from the command line.
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/topology/synthetic_operands.h"
#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

// A convolution, a depthwise one and a fully connected one: K×N×M = 18×6×36, 9×1×16 ×6, 96×10×1.
const std::string topology_text =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
    "Strides,\n"
    "conv, 8, 8, 3, 3, 2, 6, 1,\n"
    "middle_DP, 6, 6, 3, 3, 6, 1, 1,\n"
    "fc, 1, 1, 1, 1, 96, 10, 1,\n";

std::string cfg_text(const std::string& bandwidth) {
  return "[general]\nrun_name = small\n[architecture_presets]\nArrayHeight: 16\nArrayWidth: 16\n"
         "IfmapSramSzkB: 16\nFilterSramSzkB: 32\nOfmapSramSzkB: 16\nDataflow: ws\nBandwidth: 1\n"
         "[run_presets]\nInterfaceBandwidth: " +
         bandwidth + "\n";
}

class SimulateTopology : public testing::Test {
 protected:
  SimulateTopology() {
    run.write("net.csv", topology_text);
    run.write("array.cfg", cfg_text("CALC"));
  }

  CommandResult simulate(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"simulate", "--out", "out"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run.run(arguments);
  }

  Json result(const std::string& fidelity) const {
    return Json::parse(read_file(run.file("out/simulate-" + fidelity + ".json")));
  }

  // Refused with exit status 2, and nothing written.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& id,
                      const std::vector<std::string>& words = {}) const {
    const CommandResult refused = simulate(arguments);
    EXPECT_EQ(refused.exit_status, 2) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("[" + id + "]"));
    for (const std::string& word : words) EXPECT_THAT(refused.output, HasSubstr(word));
    EXPECT_TRUE(!std::filesystem::exists(run.file("out")) ||
                std::filesystem::is_empty(run.file("out")));
  }

  SmallRun run;
};

TEST_F(SimulateTopology, GivesCyclesWithoutACellLibrary) {
  for (const char* hardware : {"hw.yaml", "array.cfg"}) {
    const CommandResult done = simulate({"--hw", hardware, "--workload", "net.csv"});
    ASSERT_EQ(done.exit_status, 0) << done.output;
    const Json json = result("cycles");
    EXPECT_EQ(json.at("fidelity"), "cycles");
    EXPECT_EQ(json.at("synthetic_operands"), false);
    ASSERT_EQ(json.at("layers").size(), 3U);
    // tiles · (2·16 + 16 + M − 2)
    EXPECT_EQ(json.at("layers")[0].at("cycles_per_batch"), 2 * (46 + 36));
    EXPECT_EQ(json.at("layers")[1].at("cycles_per_batch"), 6 * (46 + 16));
    EXPECT_EQ(json.at("layers")[2].at("cycles_per_batch"), 6 * (46 + 1));
    EXPECT_EQ(json.at("layers")[1].at("groups"), 6);
    EXPECT_EQ(json.at("total").at("cycles_per_batch"), 2 * 82 + 6 * 62 + 6 * 47);
    EXPECT_FALSE(json.at("total").contains("toggles"));
    EXPECT_THAT(done.output, HasSubstr("fidelity cycles"));
    EXPECT_THAT(read_file(run.file("out/simulate-cycles.csv")), HasSubstr("cycles_per_batch"));
  }
}

TEST_F(SimulateTopology, StreamsBatchesWithoutReloading) {
  ASSERT_EQ(simulate({"--hw", "hw.yaml", "--workload", "net.csv", "--batch", "4"}).exit_status, 0);
  EXPECT_EQ(result("cycles").at("layers")[0].at("cycles_per_batch"), 2 * (46 + 4 * 36));
}

TEST_F(SimulateTopology, GivesTheSameCyclesInTheSystemModel_WithStallsAndData) {
  std::string hardware = read_file(run.file("hw.yaml"));
  hardware += R"(
memories:
  dram: {bytes_per_cycle: 1.5, latency_cycles: 7}
  ifmap_sram: {bytes: 4096, bytes_per_cycle: 8}
  filter_sram: {bytes: 1024}
  ofmap_sram: {bytes: 4096}
)";
  run.write("memories.yaml", hardware);
  const CommandResult done = simulate({"--hw", "memories.yaml", "--workload", "net.csv", "--batch",
                                       "2", "--fidelity", "cycles,system"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  // 6·36, 6·16 and 10 outputs for each of two images.
  EXPECT_THAT(done.output, HasSubstr("644 OFMAP values equal integer arithmetic"));
  const Json cycles = result("cycles");
  const Json system = result("system");
  EXPECT_EQ(system.at("fidelity"), "system");
  EXPECT_EQ(system.at("outputs_compared"), 644);
  EXPECT_EQ(system.at("layers"), cycles.at("layers"));
  EXPECT_GT(system.at("total").at("stall_cycles"), 0);
}

TEST_F(SimulateTopology, MarksTogglesOfSyntheticOperandsEverywhere) {
  const CommandResult done = simulate(
      {"--hw", "array.cfg", "--workload", "net.csv", "--fidelity", "toggles", "--images", "2"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("synthetic operands"));
  const Json json = result("toggles");
  EXPECT_EQ(json.at("synthetic_operands"), true);
  EXPECT_EQ(json.at("images"), 2);
  EXPECT_THAT(json.at("image_source").get<std::string>(), HasSubstr("synthetic operands"));
  EXPECT_GT(json.at("total").at("toggles").at("partial_sum").at("active").get<int>(), 0);
  const std::string csv = read_file(run.file("out/simulate-toggles.csv"));
  EXPECT_THAT(csv, HasSubstr("operands_synthetic\nconv,"));
  EXPECT_THAT(csv, HasSubstr("partial_sum_active_toggles"));
}

TEST_F(SimulateTopology, CountsTheTogglesThatGateFidelityCounts) {
  ASSERT_EQ(simulate({"--hw", "hw.yaml", "--workload", "net.csv", "--fidelity", "toggles,gate",
                      "--images", "3", "--seed", "5"})
                .exit_status,
            0);
  const Json toggles = result("toggles");
  const Json gate = result("gate");
  EXPECT_EQ(gate.at("synthetic_operands"), true);
  for (std::size_t l = 0; l < 3; ++l) {
    EXPECT_EQ(toggles.at("layers")[l].at("toggles"), gate.at("layers")[l].at("toggles")) << l;
    EXPECT_EQ(toggles.at("layers")[l].at("cycles_per_batch"),
              gate.at("layers")[l].at("cycles_per_batch"));
  }
}

TEST_F(SimulateTopology, IsTheSameForAnyNumberOfThreads) {
  std::string first;
  for (const char* threads : {"1", "3"}) {
    ASSERT_EQ(simulate({"--hw", "array.cfg", "--workload", "net.csv", "--fidelity", "toggles",
                        "--images", "3", "--threads", threads})
                  .exit_status,
              0);
    const std::string csv = read_file(run.file("out/simulate-toggles.csv"));
    if (first.empty()) first = csv;
    EXPECT_EQ(csv, first);
  }
}

TEST_F(SimulateTopology, StallsAtTheUsersBandwidth) {
  run.write("slow.cfg", cfg_text("USER"));
  ASSERT_EQ(simulate({"--hw", "slow.cfg", "--workload", "net.csv"}).exit_status, 0);
  EXPECT_GT(result("cycles").at("total").at("stall_cycles").get<int>(), 0);
}

TEST_F(SimulateTopology, RunsBroughtOperands) {
  const network::Traces traces = topology::synthetic_traces(
      topology::read_topology(run.file("net.csv")), topology::SyntheticParams{});
  network::Traces plain = traces;
  plain.layers.erase(plain.layers.begin() + 1);  // trace files know no groups of their own here
  network::write_traces(plain, run.file("operands.h5"));
  const CommandResult done =
      simulate({"--hw", "hw.yaml", "--operands", "operands.h5", "--fidelity", "toggles"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  EXPECT_EQ(result("toggles").at("layers").size(), 2U);
}

TEST_F(SimulateTopology, WritesTheReportsOfScaleSim) {
  const CommandResult done =
      simulate({"--hw", "array.cfg", "--workload", "net.csv", "--compat", "scalesim"});
  ASSERT_EQ(done.exit_status, 0) << done.output;
  const std::string compute = read_file(run.file("out/COMPUTE_REPORT.csv"));
  EXPECT_THAT(compute,
              HasSubstr("LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall "
                        "Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n"));
  std::istringstream lines(compute);
  std::vector<std::string> totals;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const std::size_t begin = line.find(", ", line.find(", ") + 2) + 2;
    totals.push_back(line.substr(begin, line.find(", ", begin) - begin));
  }
  EXPECT_THAT(totals, testing::ElementsAre("163.0", "61.0", "61.0", "61.0", "61.0", "61.0", "61.0",
                                           "281.0"));
  EXPECT_THAT(read_file(run.file("out/BANDWIDTH_REPORT.csv")), HasSubstr("Avg FILTER DRAM BW"));
  EXPECT_THAT(read_file(run.file("out/DETAILED_ACCESS_REPORT.csv")),
              HasSubstr("SRAM Filter Stop Cycle"));
}

TEST_F(SimulateTopology, IsRefused_WhenThereIsNothingOrTooMuchToRun) {
  expect_refused({"--hw", "hw.yaml"}, "TW-CLI-006", {"nothing to run"});
  expect_refused({"--hw", "hw.yaml", "--workload", "workload.yaml"}, "TW-CLI-006", {"--model"});
  expect_refused({"--hw", "hw.yaml", "--workload", "net.csv", "--model", SmallRun::model()},
                 "TW-CLI-006", {"more than one"});
  expect_refused({"--hw", "hw.yaml", "--workload", "workload.yaml", "--operands", "x.npz"},
                 "TW-CLI-006", {"--operands"});
}

TEST_F(SimulateTopology, IsRefused_WhenAnEnergyHasNoCellLibrary) {
  expect_refused({"--hw", "array.cfg", "--workload", "net.csv", "--fidelity", "gate"}, "TW-CLI-007",
                 {"array.cfg", "cycles or toggles"});
}

TEST_F(SimulateTopology, IsRefused_WhenCompatIsAskedOfAnythingElse) {
  expect_refused({"--hw", "hw.yaml", "--model", SmallRun::model(), "--compat", "scalesim"},
                 "TW-CLI-008", {"topologies"});
  expect_refused(
      {"--hw", "array.cfg", "--workload", "net.csv", "--compat", "scalesim", "--batch", "2"},
      "TW-CLI-008", {"--batch 1"});
  run.write("slow.cfg", cfg_text("USER"));
  expect_refused({"--hw", "slow.cfg", "--workload", "net.csv", "--compat", "scalesim"},
                 "TW-SCALESIM-005", {"slow.cfg"});
}

TEST_F(SimulateTopology, IsRefused_WhenImagesAreNoWholeBatches) {
  expect_refused({"--hw", "array.cfg", "--workload", "net.csv", "--fidelity", "toggles", "--images",
                  "5", "--batch", "2"},
                 "TW-CLI-009", {"5 images", "multiple of 2"});
}

TEST_F(SimulateTopology, IsRefused_WhenTheTopologyIsBad) {
  run.write("bad.csv", topology_text + "late, 3, 3,\n");
  expect_refused({"--hw", "array.cfg", "--workload", "bad.csv"}, "TW-TOPO-002", {"bad.csv:5"});
  expect_refused({"--hw", "array.cfg", "--workload", "bad.csv", "--compat", "scalesim"},
                 "TW-TOPO-002", {"bad.csv:5"});
}

TEST_F(SimulateTopology, IsRefused_WhenMoreImagesAreAskedForThanTheFileHolds) {
  const network::Traces traces = topology::synthetic_traces(
      topology::read_topology(run.file("net.csv")), topology::SyntheticParams{});
  network::write_traces({"x", "", "", false, 1, {traces.layers[0]}}, run.file("one.h5"));
  expect_refused(
      {"--hw", "hw.yaml", "--operands", "one.h5", "--images", "2", "--fidelity", "toggles"},
      "TW-CLI-004", {"1 to 1"});
}

}  // namespace
}  // namespace togglewise
