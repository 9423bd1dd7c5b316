#include "sim/topology/scalesim_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sim/array/cycle_model.h"
#include "sim/base/files.h"
#include "sim/report/scalesim_report.h"
#include "tests/config/expect_error.h"
#include "tests/topology/text_file.h"

namespace togglewise::topology {
namespace {

const std::filesystem::path data =
    std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "tests/topology/data/scalesim";

ScaleSimConfig array_of(int height, int width, int ifmap_kb, int filter_kb, int ofmap_kb) {
  ScaleSimConfig config;
  config.array_height = height;
  config.array_width = width;
  config.ifmap_sram_kb = ifmap_kb;
  config.filter_sram_kb = filter_kb;
  config.ofmap_sram_kb = ofmap_kb;
  return config;
}

std::vector<ScaleSimLayer> run_text(const ScaleSimConfig& config, const std::string& rows) {
  const TextFile file("net.csv", "name, ih, iw, fh, fw, c, n, s,\n" + rows);
  return run_scalesim(config, read_topology(file.path()), 2);
}

// What SCALE-Sim's algorithm gives for these files (see data/scalesim/README.md).
void expect_reports(const std::string& folder, const std::string& topology,
                    const ScaleSimConfig& config) {
  const auto layers = run_scalesim(config, read_topology(data / topology), 1);
  EXPECT_EQ(report::scalesim_compute_csv(layers), read_file(data / folder / "COMPUTE_REPORT.csv"));
  EXPECT_EQ(report::scalesim_bandwidth_csv(layers),
            read_file(data / folder / "BANDWIDTH_REPORT.csv"));
  EXPECT_EQ(report::scalesim_access_csv(layers),
            read_file(data / folder / "DETAILED_ACCESS_REPORT.csv"));
}

TEST(ScaleSimReports, AreTheSameToTheByte_WhenBuffersHoldEverything) {
  expect_reports("array_32x32_kb_256_256_128", "small_layers.csv", array_of(32, 32, 256, 256, 128));
}

TEST(ScaleSimReports, AreTheSameToTheByte_WhenBuffersAreTooSmall) {
  expect_reports("array_8x4_kb_1_1_1", "small_layers.csv", array_of(8, 4, 1, 1, 1));
  expect_reports("array_4x16_kb_2_1_3", "small_layers.csv", array_of(4, 16, 2, 1, 3));
}

TEST(ScaleSimReports, AreTheSameToTheByte_OfMatrixProducts) {
  expect_reports("gemm_array_16x8_kb_1_2_1", "small_gemm.csv", array_of(16, 8, 1, 2, 1));
}

struct PublishedRow {
  const char* layer;
  std::int64_t total_cycles;
  double overall_percent, mapping_percent, compute_percent;
  ScaleSimSramAccesses ifmap_sram, filter_sram, ofmap_sram;
  ScaleSimDramAccesses ifmap_dram, filter_dram, ofmap_dram;
};

void expect_published(const ScaleSimConfig& config, const std::vector<PublishedRow>& rows) {
  for (const PublishedRow& row : rows) {
    const ScaleSimLayer layer = run_text(config, row.layer).at(0);
    const auto same = [&](const auto& a, const auto& b) {
      EXPECT_EQ(a.start_cycle, b.start_cycle) << row.layer;
      EXPECT_EQ(a.stop_cycle, b.stop_cycle) << row.layer;
      EXPECT_EQ(a.count, b.count) << row.layer;
    };
    EXPECT_EQ(layer.total_cycles, row.total_cycles) << row.layer;
    EXPECT_EQ(layer.stall_cycles, 0);
    EXPECT_EQ(layer.overall_utilization_percent, row.overall_percent) << row.layer;
    EXPECT_EQ(layer.mapping_efficiency_percent, row.mapping_percent) << row.layer;
    EXPECT_EQ(layer.compute_utilization_percent, row.compute_percent) << row.layer;
    same(layer.ifmap_sram, row.ifmap_sram);
    same(layer.filter_sram, row.filter_sram);
    same(layer.ofmap_sram, row.ofmap_sram);
    same(layer.ifmap_dram, row.ifmap_dram);
    same(layer.filter_dram, row.filter_dram);
    same(layer.ofmap_dram, row.ofmap_dram);
  }
}

// Reports of SCALE-Sim's own run of MLPerf Tiny's visual wake words network on a 4×4 array,
// published in github.com/scalesim-project/SCALE-Sim, commit 2c78b613, edgeTPU_experiment_results.
TEST(ScaleSimRun, AgreesWithAPublishedRun_OnA4x4Array) {
  expect_published(array_of(4, 4, 1536, 256, 1536), {{"Conv2D_1, 96, 96, 3, 3, 3, 8, 2,\n",
                                                      32395,
                                                      96.01481710140453,
                                                      96.42857142857143,
                                                      95.88753930575251,
                                                      {5, 32343, 124416},
                                                      {1, 30086, 216},
                                                      {7, 32395, 129024},
                                                      {-3146, -1, 27648},
                                                      {-263, -1, 216},
                                                      {32395, 64650, 129024}},
                                                     {"Conv2D_3, 24, 24, 1, 1, 16, 32, 1,\n",
                                                      18751,
                                                      98.29875739960535,
                                                      100.0,
                                                      97.79286926994907,
                                                      {5, 18749, 73728},
                                                      {1, 18170, 512},
                                                      {7, 18751, 73728},
                                                      {-1573, -1, 9216},
                                                      {-263, -1, 512},
                                                      {18751, 37182, 73728}},
                                                     {"FC, 1, 1, 1, 1, 256, 2, 1,\n",
                                                      703,
                                                      4.551920341394026,
                                                      50.0,
                                                      3.571428571428571,
                                                      {5, 701, 256},
                                                      {1, 697, 512},
                                                      {7, 701, 128},
                                                      {-1573, -1, 256},
                                                      {-263, -1, 512},
                                                      {703, 734, 128}}});
}

// The same repository, commit 958cefa6, edgeTPU_fitMobileNet_experiment_results: MobileNet on a
// 32×32 array. Here the IFMAP does not fit its buffer.
TEST(ScaleSimRun, AgreesWithAPublishedRun_OnA32x32Array) {
  expect_published(array_of(32, 32, 512, 2048, 512), {{"Conv2_dw, 112, 112, 3, 3, 32, 1, 1,\n",
                                                       109745,
                                                       3.1009385393412,
                                                       3.125,
                                                       3.0930470347648265,
                                                       {33, 109715, 3484800},
                                                       {1, 97584, 288},
                                                       {63, 109714, 108900},
                                                       {-26178, 107278, 3484800},
                                                       {-2098, -1, 288},
                                                       {109745, 113148, 108900}},
                                                      {"Conv8_dw, 56, 56, 3, 3, 128, 1, 2,\n",
                                                       31607,
                                                       2.7905210871009585,
                                                       3.125,
                                                       2.695269526952695,
                                                       {33, 31548, 903168},
                                                       {1, 30762, 1152},
                                                       {63, 31576, 28224},
                                                       {-26178, 23352, 715449},
                                                       {-2098, -1, 1152},
                                                       {31607, 32488, 28224}},
                                                      {"Conv1, 224, 224, 3, 3, 3, 32, 2,\n",
                                                       12637,
                                                       83.7540555511593,
                                                       84.375,
                                                       83.5425053279659,
                                                       {33, 12592, 338688},
                                                       {6, 32, 864},
                                                       {63, 12637, 401408},
                                                       {-15202, -1, 150528},
                                                       {-2098, -1, 864},
                                                       {8270, 16989, 401439}}});
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

TEST(ScaleSimRun, CountsOneCycleLessThanTogglewise_ForEveryShape) {
  EXPECT_TRUE(rc::check([] {
    const auto number = [](int high) { return *rc::gen::inRange(1, high + 1); };
    const int filter_height = number(4);
    const int filter_width = number(4);
    const std::string row =
        fmt::format("layer, {}, {}, {}, {}, {}, {}, {},\n", filter_height + number(12) - 1,
                    filter_width + number(12) - 1, filter_height, filter_width, number(20),
                    number(70), number(4));
    const TextFile file("net.csv", row);
    const TopologyLayer layer = read_topology(file.path()).layers.at(0);
    const ScaleSimConfig config = array_of(number(40), number(40), number(2), number(2), number(2));
    const ScaleSimLayer run = run_scalesim_layer(config, layer).at(0);
    const network::GemmShape gemm = layer.geometry().gemm();
    const std::int64_t closed_form =
        ceil_div(gemm.reduction, config.array_height) *
            ceil_div(gemm.output_channels, config.array_width) *
            (2 * config.array_height + config.array_width + gemm.output_pixels - 2) -
        1;
    RC_ASSERT(run.total_cycles == closed_form);
    RC_ASSERT(run.stall_cycles == 0);
    const array::LayerCycles ours =
        array::layer_cycles(to_hardware_config(config), array::shape_of(layer.geometry(), 1));
    RC_ASSERT(static_cast<std::int64_t>(ours.cycles) == run.total_cycles + 1);
    RC_ASSERT(run.ofmap_dram.count >= gemm.output_channels * gemm.output_pixels);
    RC_ASSERT(run.ifmap_dram.stop_cycle >= run.ifmap_dram.start_cycle);
  }));
}

TEST(ScaleSimRun, GivesALineForEveryChannel_OfDepthwiseLayers) {
  const auto depthwise = run_text(array_of(8, 8, 8, 8, 8), "a_DP, 9, 9, 3, 3, 5, 1, 1,\n");
  const auto one = run_text(array_of(8, 8, 8, 8, 8), "a, 9, 9, 3, 3, 1, 1, 1,\n");
  ASSERT_EQ(depthwise.size(), 5U);
  ASSERT_EQ(one.size(), 1U);
  for (const ScaleSimLayer& channel : depthwise) {
    EXPECT_EQ(report::scalesim_access_csv({channel}), report::scalesim_access_csv(one));
    EXPECT_EQ(report::scalesim_compute_csv({channel}), report::scalesim_compute_csv(one));
  }
}

TEST(ScaleSimRun, IsTheSameForAnyNumberOfThreads) {
  const Topology topology = read_topology(data / "small_layers.csv");
  const ScaleSimConfig config = array_of(8, 4, 1, 1, 1);
  EXPECT_EQ(report::scalesim_access_csv(run_scalesim(config, topology, 1)),
            report::scalesim_access_csv(run_scalesim(config, topology, 4)));
}

TEST(ScaleSimRun, IsRefused_WithUserBandwidth) {
  ScaleSimConfig config = array_of(4, 4, 1, 1, 1);
  config.file = "user.cfg";
  config.user_bandwidth = true;
  expect_error([&] { run_text(config, "a, 9, 9, 3, 3, 1, 1, 1,\n"); },
               {"TW-SCALESIM-005", {"user.cfg", "USER", "CALC"}});
}

}  // namespace
}  // namespace togglewise::topology
