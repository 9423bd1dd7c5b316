// Sweeps as a whole: what is computed, what is kept, what is written.
#include "sim/sweep/sweep_run.h"

#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "sim/energy/network_energy.h"
#include "sim/sweep/sweep_files.h"
#include "tests/config/expect_error.h"
#include "tests/sweep/small_sweep.h"

namespace togglewise::sweep {
namespace {

using testing::HasSubstr;
using testing::Not;

class SweepRun : public testing::Test {
 protected:
  struct Run {
    SweepRunStatistics statistics;
    std::string csv, json, html;
    report::SweepPage page;
  };
  Run run(const std::filesystem::path& file, const std::string& out, int threads = 1) {
    std::filesystem::create_directories(small_.path(out));
    PreparedSweep sweep = prepare(file);
    Journal journal(small_.path(out), Journal::Mode::append);
    Run result;
    result.statistics = run_points(sweep, journal, *alone(), {threads});
    result.page = summarize(sweep, journal);
    const SweepFiles files = write_sweep_files(sweep, journal, result.page, small_.path(out));
    result.csv = read_file(files.csv);
    result.json = read_file(files.json);
    result.html = read_file(files.html);
    return result;
  }
  SmallSweep small_;
};

std::vector<std::vector<std::string>> cells_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back(1);
    for (const char c : line) {
      if (c == ',') {
        rows.back().emplace_back();
      } else {
        rows.back().back() += c;
      }
    }
  }
  return rows;
}

std::string cell(const std::vector<std::vector<std::string>>& rows, std::size_t row,
                 const std::string& column) {
  const auto& header = rows.at(0);
  const auto found = std::find(header.begin(), header.end(), column);
  if (found == header.end()) return "no column " + column;
  return rows.at(row).at(static_cast<std::size_t>(found - header.begin()));
}

TEST_F(SweepRun, WritesALinePerPointAndLayer_AndOneForAllLayers) {
  const Run result = run(small_.sweep_file("  array.rows: [4, 16]\n"), "out");
  EXPECT_EQ(result.statistics.computed, 2U);
  const auto rows = cells_of(result.csv);
  ASSERT_EQ(rows.size(), 1U + 2 * 3);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  const config::HardwareConfig hardware = config::read_hardware_config(small_.path("hw.yaml"));
  const SweepWorkload workload = small_workload(hardware, {}, false);
  std::uint64_t sum = 0;
  for (std::size_t l = 0; l < 2; ++l) {
    const array::LayerCycles cycles = array::layer_cycles(hardware, workload.layers[l]);
    EXPECT_EQ(cell(rows, 4 + l, "cycles_per_batch"), std::to_string(cycles.cycles));
    EXPECT_EQ(cell(rows, 4 + l, "layer_name"), workload.layers[l].name);
    sum += cycles.cycles;
  }
  EXPECT_EQ(cell(rows, 6, "cycles_per_batch"), std::to_string(sum));
  EXPECT_EQ(cell(rows, 6, "layer_name"), "total");
  EXPECT_EQ(cell(rows, 1, "array_rows_count"), "4");
  EXPECT_EQ(cell(rows, 1, "partial_sum_bits"), "18");
  // No operands: no energies, and none are made up.
  EXPECT_EQ(cell(rows, 6, "total_fj_per_image"), "");
  EXPECT_EQ(cell(rows, 6, "weight_toggles"), "");
  EXPECT_THAT(result.json, Not(HasSubstr("_fj_per_image")));
  const report::Json json = report::Json::parse(result.json);
  EXPECT_EQ(json.at("points").at(1).at("total").at("cycles_per_batch"), sum);
  EXPECT_EQ(json.at("points").at(1).at("layers").size(), 2U);
}

TEST_F(SweepRun, EnergiesAreThoseOfSimulate_AtFidelityGate) {
  const std::filesystem::path file =
      small_.sweep_file("  array.rows: [8, 16]\n  array.columns: [8, 12]\n", "gate");
  const Run result = run(file, "out");
  const SweepPlan plan(read_sweep_file(file), 1);
  for (std::uint64_t i = 0; i < plan.size(); ++i) {
    const config::HardwareConfig& hardware = plan.point(i).hardware;
    const SweepWorkload workload = small_workload(hardware, plan.point(i).run, true);
    const energy::EnergyBreakdown expected =
        energy::network_energy(energy::MacHardware(hardware), *workload.traces,
                               energy::Fidelity::gate, nullptr, 1)
            .energy_per_image();
    const report::SweepEnergy& energy = *result.page.points[i].total.energy;
    EXPECT_DOUBLE_EQ(energy.total_nj, expected.total_fj() * 1e-6);
    EXPECT_DOUBLE_EQ(energy.mac_dynamic_nj, expected.mac_dynamic_fj() * 1e-6);
  }
  EXPECT_THAT(result.html, HasSubstr("Synthetic operands (random numbers)"));
  EXPECT_THAT(result.csv, HasSubstr(",synthetic,"));
}

TEST_F(SweepRun, FilesAreTheSame_ForAnyNumberOfThreads) {
  const std::filesystem::path file = small_.sweep_file(
      "  array.rows: [4, 8, 16]\n  array.columns: [5, 16]\n  clock_period_ps: [8000, 9000]\n");
  const Run one = run(file, "one", 1);
  const Run two = run(file, "two", 2);
  EXPECT_EQ(one.csv, two.csv);
  EXPECT_EQ(one.json, two.json);
  EXPECT_EQ(one.html, two.html);
}

TEST_F(SweepRun, FinishedPointsAreNotComputedAgain_AlsoWhenTheSweepGrows) {
  run(small_.sweep_file("  array.rows: [4, 8]\n"), "out");
  const Run grown = run(small_.sweep_file("  array.rows: [2, 4, 8, 16]\n"), "out");
  EXPECT_EQ(grown.statistics.finished_before, 2U);
  EXPECT_EQ(grown.statistics.computed, 2U);
  EXPECT_EQ(grown.csv, run(small_.path("sweep.yaml"), "fresh").csv);
}

TEST_F(SweepRun, ChangedInputs_AreComputedAgain) {
  const std::filesystem::path file = small_.sweep_file("  array.rows: [4, 8]\n");
  run(file, "out");
  EXPECT_EQ(run(file, "out").statistics.computed, 0U);
  const std::string base = read_file(small_.path("hw.yaml"));
  small_.write("hw.yaml", base + "# another text\n");
  EXPECT_EQ(run(file, "out").statistics.computed, 2U);
  small_.write("hw.yaml", base);
  EXPECT_EQ(run(file, "out").statistics.computed, 0U);
  small_.write("sweep.yaml", read_file(file) + "seed: 2\n");
  EXPECT_EQ(run(file, "out").statistics.computed, 2U);
  small_.write("sweep.yaml", read_file(file) + "batch_size: 3\n");
  EXPECT_EQ(run(file, "out").statistics.computed, 2U);
}

TEST_F(SweepRun, ChangedRtl_IsComputedAgain_AtFidelityGate) {
  const std::string rtl = std::string(TOGGLEWISE_SOURCE_DIR) + "/rtl/";
  for (const char* name : {"multiplier.sv", "adder.sv", "mac.sv"}) {
    small_.write(name, read_file(rtl + name));
  }
  small_.write("hw.yaml",
               "name: own\narray:\n  rows: 4\n  columns: 4\nclock_period_ps: 8000\nmac:\n"
               "  rtl: [multiplier.sv, adder.sv, mac.sv]\n  top: mac\ntechnology:\n"
               "  liberty: /usr/share/qflow/tech/osu018/osu018_stdcells.lib\n");
  const std::filesystem::path file = small_.sweep_file("  array.columns: [4]\n", "gate");
  run(file, "out");
  EXPECT_EQ(run(file, "out").statistics.computed, 0U);
  small_.write("mac.sv", read_file(rtl + "mac.sv") + "// changed\n");
  EXPECT_EQ(run(file, "out").statistics.computed, 1U);
}

TEST_F(SweepRun, ClockThatTheMacCannotFollow_IsAPointThatIsNotPossible) {
  const Run result = run(small_.sweep_file("  clock_period_ps: [100, 9000]\n", "gate"), "out");
  EXPECT_THAT(result.page.points[0].not_possible, HasSubstr("TW-ENERGY-002"));
  EXPECT_EQ(result.page.points[1].not_possible, "");
  EXPECT_FALSE(result.page.points[0].on_front);
  EXPECT_THAT(result.html, HasSubstr("Points that are not possible"));
  EXPECT_THAT(result.csv, HasSubstr("critical path"));
  EXPECT_THAT(result.json, HasSubstr("\"not_possible\""));
}

TEST_F(SweepRun, SweepWithoutOnePossiblePoint_IsAnError_AndWritesNothing) {
  const std::filesystem::path file = small_.sweep_file("  clock_period_ps: [100, 200]\n", "gate");
  expect_error([&] { run(file, "out"); },
               {"TW-SWEEP-012", {"not one of the 2 points is possible", "critical path"}});
  EXPECT_FALSE(std::filesystem::exists(small_.path("out") / "sweep.csv"));
}

TEST_F(SweepRun, FidelitiesOfTables_NeedTracesToCalibrateOn) {
  expect_error([&] { run(small_.sweep_file("  array.columns: [4, 8]\n", "table"), "out"); },
               {"TW-SWEEP-007", {"'calibration:'", "traces.h5"}});
}

TEST_F(SweepRun, TablesAreCalibratedOncePerArray_WhenTracesAreGiven) {
  const config::HardwareConfig hardware = config::read_hardware_config(small_.path("hw.yaml"));
  network::write_traces(*small_workload(hardware, {}, true).traces, small_.path("traces.h5"));
  const std::filesystem::path file = small_.sweep_file("  fidelity: [layer, table, gate]\n");
  small_.write("sweep.yaml",
               read_file(file) + "calibration:\n  traces: traces.h5\n  transitions: 500\n");
  const Run result = run(file, "out");
  ASSERT_EQ(result.page.groups.size(), 3U);
  const double gate = result.page.points[2].total.energy->mac_dynamic_nj;
  EXPECT_GT(gate, 0);
  for (const std::size_t approximate : {0, 1}) {
    EXPECT_NEAR(result.page.points[approximate].total.energy->mac_dynamic_nj, gate, 0.2 * gate);
    EXPECT_NE(result.page.points[approximate].total.energy->mac_dynamic_nj, gate);
  }
}

TEST_F(SweepRun, EstimatesTime_FromMeasuredPointsOrFinishedOnes) {
  PreparedSweep sweep = prepare(small_.sweep_file("  array.rows: {from: 1, to: 64, step: 1}\n"));
  const Journal nothing(small_.path("none"), Journal::Mode::read_only);
  EXPECT_GT(estimate_seconds(sweep, nothing, {1}), 0);
  std::filesystem::create_directories(small_.path("out"));
  Journal journal(small_.path("out"), Journal::Mode::append);
  const PointResult result = sweep.evaluator().evaluate(sweep.plan().point(0));
  for (const std::uint64_t point : {0, 1, 2, 3}) journal.append(sweep.key(point), result, 3.0);
  EXPECT_DOUBLE_EQ(estimate_seconds(sweep, journal, {1}), 60 * 3.0);
  run_points(sweep, journal, *alone(), {1});
  EXPECT_EQ(estimate_seconds(sweep, journal, {1}), 0);
}

}  // namespace
}  // namespace togglewise::sweep
