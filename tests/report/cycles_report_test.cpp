#include "sim/report/cycles_report.h"

#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace togglewise::report {
namespace {

using testing::HasSubstr;

CyclesLayer example_layer(const std::string& name, std::uint64_t scale) {
  CyclesLayer layer;
  layer.shape.name = name;
  layer.shape.gemm = {25, 6, 784, 1};
  layer.cycles.tiles = scale;
  layer.cycles.compute = 700 * scale;
  layer.cycles.weight_load = 100 * scale;
  layer.cycles.fill_drain = 150 * scale;
  layer.cycles.stall = 50 * scale;
  layer.cycles.cycles = 1000 * scale;
  layer.cycles.macs = 117600;
  layer.cycles.utilization = 0.25;
  layer.cycles.mapping_efficiency = 0.5;
  layer.cycles.accesses.dram_filter.read_bytes = 1024 * scale;
  layer.cycles.accesses.ofmap_sram = {7 * scale, 9 * scale};
  layer.memory_pj_per_batch = 2000.0 * static_cast<double>(scale);
  return layer;
}

class CyclesReport : public testing::Test {
 protected:
  CyclesReport() {
    hardware.name = "array";
    hardware.clock_period_ps = 2000;
    run.hardware = &hardware;
    run.model = {"net", "net.csv", "abc"};
    run.layers = {example_layer("conv, \"first\"", 1), example_layer("fc", 3)};
  }

  config::HardwareConfig hardware;
  CyclesRun run;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_F(CyclesReport, TotalIsTheSumOfTheLayers) {
  const Json total = cycles_json(run).at("total");
  EXPECT_EQ(total.at("tiles"), 4);
  EXPECT_EQ(total.at("cycles_per_batch"), 4000);
  EXPECT_EQ(total.at("compute_cycles"), 2800);
  EXPECT_EQ(total.at("weight_load_cycles"), 400);
  EXPECT_EQ(total.at("fill_drain_cycles"), 600);
  EXPECT_EQ(total.at("stall_cycles"), 200);
  EXPECT_DOUBLE_EQ(total.at("utilization"), 0.25);
  EXPECT_DOUBLE_EQ(total.at("mapping_efficiency"), 0.5);
  EXPECT_DOUBLE_EQ(total.at("time_us_per_batch"), 8);  // 4000 cycles of 2 ns
  EXPECT_EQ(total.at("memory_bytes_per_batch").at("dram_filter").at("read"), 4096);
  EXPECT_EQ(total.at("memory_bytes_per_batch").at("ofmap_sram").at("write"), 36);
  EXPECT_DOUBLE_EQ(total.at("memory_pj_per_batch"), 8000);
  EXPECT_FALSE(total.contains("toggles"));
}

TEST_F(CyclesReport, CsvHasTheUnitInEveryColumnAndQuotedNames) {
  const std::vector<std::string> lines = lines_of(cycles_csv(run));
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0], HasSubstr("stall_cycles_per_batch"));
  EXPECT_THAT(lines[0], HasSubstr("ofmap_sram_write_bytes_per_batch"));
  EXPECT_THAT(lines[0], testing::Not(HasSubstr("toggles")));
  EXPECT_THAT(lines[1], testing::StartsWith("\"conv, \"\"first\"\"\",25,6,784,1,1,1,1000,700,"));
  EXPECT_THAT(lines[3], testing::StartsWith("total,,,,,1,4,4000,2800,400,600,200,"));
}

TEST_F(CyclesReport, TableSplitsTheCyclesUp) {
  const std::string text = cycles_text(run);
  EXPECT_THAT(text, HasSubstr("25×6×784"));
  EXPECT_THAT(text, testing::ContainsRegex("fc .* 3,000 +70\\.0 +10\\.0 +15\\.0 +5\\.0 +25\\.0"));
  EXPECT_THAT(text, HasSubstr("4,000 cycles per image"));
  EXPECT_THAT(text, HasSubstr("fidelity cycles"));
  EXPECT_THAT(text, testing::Not(HasSubstr("synthetic")));
}

TEST_F(CyclesReport, TellsOfSyntheticOperands_InEveryForm) {
  run.synthetic = true;
  run.operand_source = "synthetic operands (…)";
  run.images = 2;
  run.kind = CyclesRun::Kind::toggles;
  for (CyclesLayer& layer : run.layers) {
    layer.toggles.emplace();
    layer.toggles->partial_sum = {10, 20, 30};
    layer.toggles->activation.active = 5;
  }
  EXPECT_EQ(run.fidelity(), "toggles");
  EXPECT_THAT(cycles_text(run), HasSubstr("Operands: synthetic operands (…)."));
  const Json json = cycles_json(run);
  EXPECT_EQ(json.at("synthetic_operands"), true);
  EXPECT_EQ(json.at("image_source"), "synthetic operands (…)");
  EXPECT_EQ(json.at("total").at("toggles").at("partial_sum").at("idle_rows"), 40);
  const std::vector<std::string> lines = lines_of(cycles_csv(run));
  EXPECT_THAT(lines[0], testing::EndsWith(",operands_synthetic"));
  EXPECT_THAT(lines[1], testing::EndsWith(",1"));
}

TEST_F(CyclesReport, KeepsWallClockUnderTimingOnly) {
  run.seconds = 1.5;
  Json first = cycles_json(run);
  run.seconds = 2.5;
  Json second = cycles_json(run);
  first.erase("timing");
  second.erase("timing");
  EXPECT_EQ(first.dump(), second.dump());
  EXPECT_EQ(first.at("command"), "simulate");
}

}  // namespace
}  // namespace togglewise::report
