// --timing and --quantum-ps through the commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json result(const SmallRun& run, const std::string& file) {
  json parsed = json::parse(read_file(run.file(file)));
  parsed.erase("timing");
  return parsed;
}

std::vector<std::string> simulate(std::vector<std::string> more, const std::string& out) {
  std::vector<std::string> arguments = {
      "simulate", "--hw", "hw.yaml", "--model", SmallRun::model(), "--workload", "workload.yaml",
      "--images", "2",    "--out",   out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Timing, CountsGlitches_OnTopOfSettledValues) {
  const SmallRun run;
  ASSERT_EQ(run.run(simulate({}, "zero")).exit_status, 0);
  const CommandResult glitches =
      run.run(simulate({"--timing", "inertial", "--threads", "1"}, "one"));
  ASSERT_EQ(glitches.exit_status, 0) << glitches.output;
  ASSERT_EQ(run.run(simulate({"--timing", "inertial", "--threads", "2"}, "two")).exit_status, 0);

  const json zero = result(run, "zero/simulate-gate.json");
  const json inertial = result(run, "one/simulate-gate.json");
  EXPECT_EQ(inertial, result(run, "two/simulate-gate.json"));
  EXPECT_EQ(zero.at("timing_model"), "zero-delay");
  EXPECT_THAT(inertial.at("timing_model").get<std::string>(), HasSubstr("inertial"));
  const auto energy = [](const json& parsed, const char* component) {
    return parsed.at("total").at("energy_fj_per_image").at(component).get<double>();
  };
  for (const char* component : {"multiplier", "adder", "accumulator"}) {
    EXPECT_GT(energy(inertial, component), 1.05 * energy(zero, component)) << component;
    EXPECT_LT(energy(inertial, component), 3 * energy(zero, component)) << component;
  }
  // Registers and what they drive move once a cycle.
  for (const char* component : {"partial_sum_register", "activation_register", "pin_loads"}) {
    EXPECT_GE(energy(inertial, component), energy(zero, component)) << component;
  }
}

TEST(Timing, OfTablesMustBeThatOfTheRun) {
  const SmallRun run;
  run.write_traces();
  const CommandResult calibrated =
      run.run({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5", "--transitions", "300",
               "--timing", "inertial", "--quantum-ps", "100", "--out", "tables"});
  ASSERT_EQ(calibrated.exit_status, 0) << calibrated.output;
  const std::vector<std::string> table = {"--fidelity", "table,gate", "--tables",
                                          "tables/tables.h5"};
  const CommandResult refused = run.run(simulate(table, "out"));
  EXPECT_EQ(refused.exit_status, 2);
  EXPECT_THAT(refused.output, HasSubstr("[TW-TABLE-003]"));
  std::vector<std::string> same = table;
  same.insert(same.end(), {"--timing", "inertial", "--quantum-ps", "100"});
  const CommandResult accepted = run.run(simulate(same, "out"));
  EXPECT_EQ(accepted.exit_status, 0) << accepted.output;
  EXPECT_EQ(result(run, "out/simulate-table.json").at("timing_model"), "inertial, 100 ps");
}

TEST(Timing, IsRefused_WhereItMeansNothing) {
  const SmallRun run;
  const CommandResult unknown = run.run(simulate({"--timing", "inertal"}, "out"));
  EXPECT_EQ(unknown.exit_status, 2);
  EXPECT_THAT(unknown.output, HasSubstr("[TW-GATE-004]"));
  EXPECT_THAT(unknown.output, HasSubstr("inertial"));
  const CommandResult quantum = run.run(simulate({"--quantum-ps", "50"}, "out"));
  EXPECT_EQ(quantum.exit_status, 2);
  EXPECT_THAT(quantum.output, HasSubstr("[TW-CLI-010]"));
}

}  // namespace
}  // namespace togglewise
