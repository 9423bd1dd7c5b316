// The commands one after the other, as a user runs them, on the small run.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using nlohmann::json;

json result_of(const SmallRun& run, const std::string& name) {
  return json::parse(read_file(run.file(name)));
}

json without_timing(json value) {
  value.erase("timing");
  return value;
}

void run_chain(const SmallRun& run, const std::string& threads, const std::string& out) {
  const auto command = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--threads", threads, "--out", run.file(out)});
    const CommandResult result = run.run(std::move(arguments));
    EXPECT_EQ(result.exit_status, 0) << result.output;
  };
  command({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5", "--transitions", "1000", "-o",
           run.file(out + "/tables.h5")});
  command({"simulate", "--hw", "hw.yaml", "--model", SmallRun::model(), "--workload",
           "workload.yaml", "--images", "3", "--fidelity", "layer,table,gate", "--tables",
           run.file(out + "/tables.h5")});
  command({"validate", "--hw", "hw.yaml", "--model", SmallRun::model(), "--workload",
           "workload.yaml", "--images", "2", "--rtl", "structural"});
}

TEST(Chain, AgreesWithItselfAndDoesNotDependOnTheThreads) {
  const SmallRun run;
  run.write_traces();
  run_chain(run, "1", "one");
  run_chain(run, "2", "two");
  EXPECT_EQ(read_file(run.file("one/tables.h5")), read_file(run.file("two/tables.h5")));
  for (const char* name : {"calibrate.json", "simulate-layer.json", "simulate-table.json",
                           "simulate-gate.json", "validate.json"}) {
    EXPECT_EQ(without_timing(result_of(run, std::string("one/") + name)),
              without_timing(result_of(run, std::string("two/") + name)))
        << name;
  }

  const json validate = result_of(run, "one/validate.json");
  EXPECT_TRUE(validate["passed"].get<bool>());
  EXPECT_EQ(validate["lockstep"]["mismatches"], 0);
  EXPECT_GT(validate["lockstep"]["partial_sum_comparisons"], 1000000);
  EXPECT_EQ(validate["outputs"]["mismatches"], 0);

  // Table and gate fidelity look at the same transitions.
  const json gate = result_of(run, "one/simulate-gate.json");
  const json table = result_of(run, "one/simulate-table.json");
  EXPECT_EQ(gate["layers"].size(), 5U);
  EXPECT_NEAR(table["total"]["mac_dynamic_fj_per_image"].get<double>() /
                  gate["total"]["mac_dynamic_fj_per_image"].get<double>(),
              1.0, 0.05);
  for (std::size_t l = 0; l < 5; ++l) {
    EXPECT_EQ(gate["layers"][l]["toggles"], table["layers"][l]["toggles"]);
    double sum = 0;
    for (const auto& [name, energy] : gate["layers"][l]["energy_fj_per_image"].items()) {
      sum += energy.get<double>();
    }
    EXPECT_NEAR(sum / gate["layers"][l]["total_fj_per_image"].get<double>(), 1.0, 1e-9);
  }
}

TEST(Chain, MeasuresInValidateWhatSimulateMeasures) {
  const SmallRun run;
  const std::vector<std::string> common{
      "--hw",          "hw.yaml",  "--model", SmallRun::model(), "--workload",
      "workload.yaml", "--images", "2",       "--out",           "out"};
  for (const char* name : {"simulate", "validate"}) {
    std::vector<std::string> arguments{name};
    arguments.insert(arguments.end(), common.begin(), common.end());
    const CommandResult result = run.run(arguments);
    ASSERT_EQ(result.exit_status, 0) << result.output;
  }
  const json simulate = result_of(run, "out/simulate-gate.json");
  const json validate = result_of(run, "out/validate.json");
  EXPECT_EQ(simulate["layers"], validate["gate"]["after"]["layers"]);
  EXPECT_EQ(simulate["total"], validate["gate"]["after"]["total"]);
}

TEST(Report, IsWrittenFromTheResultsOfAFolder) {
  const SmallRun run;
  const CommandResult simulate =
      run.run({"simulate", "--hw", "hw.yaml", "--model", SmallRun::model(), "--workload",
               "workload.yaml", "--images", "1", "--out", "out/simulate"});
  ASSERT_EQ(simulate.exit_status, 0) << simulate.output;
  const CommandResult report = run.run({"report", "out"});
  ASSERT_EQ(report.exit_status, 0) << report.output;
  const std::string html = read_file(run.file("out/report.html"));
  EXPECT_NE(html.find("conv2"), std::string::npos);
}

}  // namespace
}  // namespace togglewise
