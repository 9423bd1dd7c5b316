// `export-accelergy` from the command line: its files, added up from their text, are what
// `simulate` says; and everything that is refused.
#include <cmath>
#include <filesystem>
#include <map>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using testing::HasSubstr;

// Adds the two files up from their lines, without a YAML reader: {component: picojoules}.
std::map<std::string, double> add_up(const std::string& ert, const std::string& counts) {
  const std::regex component(R"(^  - name: (\S+)$)");
  const std::regex energy(R"(^    - \{name: (\S+), arguments: (.*), energy: (\S+)\}$)");
  const std::regex count(R"(^    - \{name: ([^,}]+)(?:, arguments: (.*))?, counts: (\d+)\}$)");
  std::map<std::string, double> energies;
  std::map<std::string, double> sums;
  std::smatch match;
  std::string name;
  std::istringstream ert_lines(ert);
  for (std::string line; std::getline(ert_lines, line);) {
    if (std::regex_match(line, match, component)) name = match[1];
    if (!std::regex_match(line, match, energy)) continue;
    const std::string arguments = match[2] == "null" ? "" : match[2].str();
    energies[name + "|" + match[1].str() + "|" + arguments] = std::stod(match[3]);
  }
  std::istringstream count_lines(counts);
  for (std::string line; std::getline(count_lines, line);) {
    if (std::regex_match(line, match, component)) name = match[1];
    if (!std::regex_match(line, match, count)) continue;
    const std::string key = name + "|" + match[1].str() + "|" + match[2].str();
    EXPECT_EQ(energies.count(key), 1U) << key;
    sums[name] += std::stod(match[3]) * energies[key];
  }
  return sums;
}

double total(const std::map<std::string, double>& sums) {
  double sum = 0;
  for (const auto& [name, energy_pj] : sums) sum += energy_pj;
  return sum;
}

class ExportAccelergy : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    run = new SmallRun;
    run->write_traces();
  }
  static void TearDownTestSuite() {
    delete run;
    run = nullptr;
  }
  void SetUp() override { std::filesystem::remove_all(run->file("out")); }

  static std::string hardware(const std::string& grouping, const std::string& timing) {
    return SmallRun::hardware_text("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", 16, 8) +
           "energy:\n  grouping: " + grouping + "\n  timing: " + timing + "\n";
  }

  // GROUPING.yaml and GROUPING.h5, calibrated when first asked for.
  static void calibrate(const std::string& grouping) {
    if (std::filesystem::exists(run->file(grouping + ".h5"))) return;
    run->write(grouping + ".yaml", hardware(grouping, "zero"));
    const CommandResult calibrated =
        run->run({"calibrate", "--hw", grouping + ".yaml", "--traces", "traces.h5", "--transitions",
                  "300", "-o", grouping + ".h5"});
    ASSERT_EQ(calibrated.exit_status, 0) << calibrated.output;
  }

  static CommandResult export_with(const std::string& hardware, const std::string& tables,
                                   std::vector<std::string> more) {
    std::vector<std::string> arguments{"export-accelergy",
                                       "--hw",
                                       hardware,
                                       "--tables",
                                       tables,
                                       "--model",
                                       SmallRun::model(),
                                       "--workload",
                                       "workload.yaml",
                                       "--images",
                                       "2",
                                       "--out",
                                       "out"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run->run(arguments);
  }
  static std::string text(const std::string& name) { return read_file(run->file(name)); }

  static void expect_refused(const CommandResult& result, const std::string& id,
                             const std::string& words) {
    EXPECT_EQ(result.exit_status, 2) << result.output;
    EXPECT_THAT(result.output, HasSubstr("[" + id + "]"));
    EXPECT_THAT(result.output, HasSubstr(words));
    const std::filesystem::path out = run->file("out");
    EXPECT_TRUE(!std::filesystem::exists(out) || std::filesystem::is_empty(out));
  }

  static SmallRun* run;
};
SmallRun* ExportAccelergy::run = nullptr;

TEST_F(ExportAccelergy, FilesAddUpToWhatSimulateSays_ForEveryLayerAndTheNetwork) {
  calibrate("operands-hd");
  const CommandResult exported = export_with("operands-hd.yaml", "operands-hd.h5", {});
  ASSERT_EQ(exported.exit_status, 0) << exported.output;
  const CommandResult simulated =
      run->run({"simulate", "--hw", "operands-hd.yaml", "--model", SmallRun::model(), "--workload",
                "workload.yaml", "--images", "2", "--fidelity", "table", "--tables",
                "operands-hd.h5", "--out", "sim"});
  ASSERT_EQ(simulated.exit_status, 0) << simulated.output;
  const auto json = nlohmann::json::parse(text("sim/simulate-table.json"));
  const auto exported_json = nlohmann::json::parse(text("out/export-accelergy.json"));
  double sum_nj = 0;
  std::size_t l = 0;
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(run->file("out/layers"))) {
    folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  ASSERT_EQ(folders.size(), json["layers"].size());
  for (const auto& layer : json["layers"]) {
    const double run_nj = layer["total_fj_per_image"].get<double>() * 1e-6;
    const double files_pj = total(
        add_up(read_file(folders[l] / "ERT.yaml"), read_file(folders[l] / "action_counts.yaml")));
    // simulate-table.json has a tenth of a femtojoule.
    EXPECT_NEAR(files_pj * 1e-3 / 2, run_nj, 1e-6 + 1e-9 * run_nj) << folders[l];
    EXPECT_NEAR(exported_json["layers"][l]["files_energy_nj_per_image"].get<double>(), run_nj,
                1e-6 + 1e-9 * run_nj);
    sum_nj += run_nj;
    ++l;
  }
  const double network_pj = total(add_up(text("out/ERT.yaml"), text("out/action_counts.yaml")));
  EXPECT_NEAR(network_pj * 1e-3 / 2 / sum_nj, 1, 1e-9);
}

TEST_F(ExportAccelergy, ByCell_AddsUpToTheSame) {
  calibrate("zero-flags-hd");
  ASSERT_EQ(export_with("zero-flags-hd.yaml", "zero-flags-hd.h5", {"--layer", "0"}).exit_status, 0);
  const auto by_layer = add_up(text("out/ERT.yaml"), text("out/action_counts.yaml"));
  const CommandResult exported =
      export_with("zero-flags-hd.yaml", "zero-flags-hd.h5",
                  {"--layer", "0", "--group", "cell", "--max-entries", "40000"});
  ASSERT_EQ(exported.exit_status, 0) << exported.output;
  const auto by_cell = add_up(text("out/ERT.yaml"), text("out/action_counts.yaml"));
  ASSERT_EQ(by_cell.size(), by_layer.size());
  for (const auto& [name, energy_pj] : by_layer) {
    EXPECT_NEAR(by_cell.at(name), energy_pj, 1e-9 * energy_pj) << name;
  }
}

// What Accelergy does with the files, by the YAML reader of its versions up to 0.3.
TEST_F(ExportAccelergy, FilesAreReadByPython_WithNumbersAsNumbers) {
  if (run_command({"python3", "-c", "import yaml"}, run->file("")).exit_status != 0) {
    GTEST_SKIP() << "python3-yaml is not installed";
  }
  calibrate("operands-hd");
  ASSERT_EQ(export_with("operands-hd.yaml", "operands-hd.h5", {"--layer", "1"}).exit_status, 0);
  const CommandResult added =
      run_command({"python3", std::string(TOGGLEWISE_SOURCE_DIR) + "/tests/accelergy/add_up.py",
                   "out/architecture.yaml", "out/ERT.yaml", "out/action_counts.yaml"},
                  run->file(""));
  ASSERT_EQ(added.exit_status, 0) << added.output;
  const double expected = total(add_up(text("out/ERT.yaml"), text("out/action_counts.yaml")));
  EXPECT_NEAR(std::stod(added.output) / expected, 1, 1e-12) << added.output;
}

TEST_F(ExportAccelergy, RefusesTablesOfAnotherMacOrTiming) {
  calibrate("operands-hd");
  run->write("inertial.yaml", hardware("operands-hd", "inertial"));
  expect_refused(export_with("inertial.yaml", "operands-hd.h5", {}), "TW-TABLE-003", "timing");
  run->write("taller.yaml",
             SmallRun::hardware_text("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", 64, 8));
  expect_refused(export_with("taller.yaml", "operands-hd.h5", {}), "TW-TABLE-002",
                 "operands-hd.h5");
}

TEST_F(ExportAccelergy, RefusesOperandsThatTheTablesWereNotMadeFor) {
  calibrate("operands-hd");
  network::Traces traces = network::read_traces(run->file("traces.h5"));
  traces.layers[0].ifmaps[0] = -5;
  network::write_traces(traces, run->file("negative.h5"));
  expect_refused(run->run({"export-accelergy", "--hw", "operands-hd.yaml", "--tables",
                           "operands-hd.h5", "--operands", "negative.h5", "--out", "out"}),
                 "TW-TABLE-005", "down to -5");
}

TEST_F(ExportAccelergy, RefusesUnknownLayersAndCellsThatCannotBeExported) {
  calibrate("operands-hd");
  calibrate("zero-flags-hd");
  expect_refused(export_with("operands-hd.yaml", "operands-hd.h5", {"--layer", "convolution"}),
                 "TW-ERT-001", "has no layer 'convolution'");
  expect_refused(export_with("operands-hd.yaml", "operands-hd.h5", {"--group", "cell"}),
                 "TW-ERT-002", "has 2 parts");
  expect_refused(export_with("zero-flags-hd.yaml", "zero-flags-hd.h5",
                             {"--group", "cell", "--max-entries", "100"}),
                 "TW-ERT-003", "at most 100");
  expect_refused(export_with("zero-flags-hd.yaml", "zero-flags-hd.h5",
                             {"--group", "cell", "--fidelity", "layer"}),
                 "TW-ERT-006", "--fidelity table");
  expect_refused(export_with("operands-hd.yaml", "none.h5", {}), "TW-HDF5-001", "none.h5");
}

}  // namespace
}  // namespace togglewise
