// `validate` on other arrays than the usual one: double-buffered weights, batches, more than 64
// rows, narrow weights; and the waves of --trace.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// The small run's array with `rows` rows and a line more in its section.
void write_hardware(const SmallRun& run, int rows, const std::string& line) {
  std::string text =
      SmallRun::hardware_text("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", rows, 8);
  if (!line.empty()) text.insert(text.find("clock_period_ps"), "  " + line + "\n");
  run.write("array.yaml", text);
}

std::vector<std::string> command(const std::string& images, std::vector<std::string> more) {
  std::vector<std::string> arguments = {
      "validate", "--hw", "array.yaml", "--model", SmallRun::model(), "--workload", "workload.yaml",
      "--images", images, "--out",      "out"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

json validated(const SmallRun& run, const std::string& images, std::vector<std::string> more) {
  const CommandResult result = run.run(command(images, std::move(more)));
  EXPECT_EQ(result.exit_status, 0) << result.output;
  if (result.exit_status != 0) return {};
  json validate = json::parse(read_file(run.file("out/validate.json")));
  EXPECT_TRUE(validate["passed"].get<bool>());
  EXPECT_TRUE(validate["toggles"]["equal"].get<bool>());
  EXPECT_EQ(validate["lockstep"]["cycles"], validate["lockstep"]["cycle_model_cycles"]);
  EXPECT_GT(validate["outputs"]["compared"], 0);
  EXPECT_EQ(validate["outputs"]["mismatches"], 0);
  EXPECT_EQ(validate["operands"]["mismatches"], 0);
  return validate;
}

TEST(Validate, Agrees_WithDoubleBufferedWeightsAndBatches) {
  const SmallRun run;
  write_hardware(run, 16, "double_buffered_weights: true");
  const json structural = validated(run, "4", {"--batch", "2", "--rtl", "structural"});
  EXPECT_EQ(structural["batch_size"], 2);
  const json loop = validated(run, "4", {"--batch", "2", "--rtl", "loop"});
  EXPECT_EQ(structural["toggles"], loop["toggles"]);
  EXPECT_EQ(structural["lockstep"]["cycles"], loop["lockstep"]["cycles"]);

  write_hardware(run, 16, "");
  const json single = validated(run, "4", {"--batch", "2"});
  EXPECT_LT(loop["lockstep"]["cycles"], single["lockstep"]["cycles"]);
  const json one_by_one = validated(run, "4", {});
  EXPECT_LT(single["lockstep"]["cycles"], one_by_one["lockstep"]["cycles"]);
  EXPECT_EQ(single["correct_images"], one_by_one["correct_images"]);
}

TEST(Validate, Agrees_OnAnArrayOfMoreThan64Rows) {
  const SmallRun run;
  write_hardware(run, 72, "");
  validated(run, "1", {});
}

void gate(const SmallRun& run, int rows, const std::string& options) {
  write_hardware(run, rows, "");
  run.write("array.yaml", read_file(run.file("array.yaml")) + "gating:\n" + options);
}

TEST(Validate, Agrees_WithGatedClocks) {
  const SmallRun run;
  write_hardware(run, 16, "");
  const json ungated = validated(run, "2", {});
  EXPECT_FALSE(ungated.contains("clocks"));
  gate(run, 16,
       "  idle_columns: true\n  idle_rows: true\n  zero_weight: true\n  zero_activation: true\n"
       "  unchanged_partial_sum: true\n  weight_registers: true\n");
  const json structural = validated(run, "2", {"--rtl", "structural"});
  const json loop = validated(run, "2", {"--rtl", "loop"});
  EXPECT_TRUE(structural["clocks"]["equal"].get<bool>());
  EXPECT_TRUE(loop["clocks"]["equal"].get<bool>());
  EXPECT_EQ(structural["clocks"], loop["clocks"]);
  EXPECT_EQ(structural["toggles"]["rtl"], loop["toggles"]["rtl"]);
  EXPECT_EQ(structural["toggles"]["engine"], ungated["toggles"]["engine"]);
  EXPECT_EQ(structural["lockstep"]["cycles"], ungated["lockstep"]["cycles"]);
  const json& clocks = structural["clocks"]["rtl"];
  EXPECT_LT(clocks["partial_sum_gates"]["passed"], clocks["partial_sum_gates"]["arriving"]);
  EXPECT_EQ(clocks["partial_sum_gates"]["passed"], clocks["partial_sum"]);
}

TEST(Validate, RefusesAStructuralArrayWhoseGatingWasNotBuilt) {
  const SmallRun run;
  gate(run, 16, "  idle_rows: true\n");
  const CommandResult result = run.run(command("1", {"--rtl", "structural"}));
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, HasSubstr("[TW-RTL-007]"));
  EXPECT_THAT(result.output, HasSubstr("loop style"));
}

TEST(Validate, RefusesImagesThatAreNoWholeBatches) {
  const SmallRun run;
  write_hardware(run, 16, "");
  const CommandResult result = run.run(command("3", {"--batch", "2"}));
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, HasSubstr("[TW-ENERGY-003]"));
  EXPECT_FALSE(std::filesystem::exists(run.file("out/validate.json")));
}

TEST(ValidateTrace, WritesAFileAndSaysItsSizeBefore) {
  const SmallRun run;
  write_hardware(run, 16, "double_buffered_weights: true");
  const CommandResult result =
      run.run(command("1", {"--trace", "tile.fst", "--trace-tile", "1", "--trace-rows", "2:5",
                            "--trace-columns", "0:0"}));
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("waves of tile 1 of "));
  EXPECT_LT(result.output.find("before compression"), result.output.find("Results:"));
  EXPECT_GT(std::filesystem::file_size(run.file("tile.fst")), 1000u);
}

void expect_refused(const std::string& id, const std::string& words,
                    const std::vector<std::string>& more) {
  const SmallRun run;
  write_hardware(run, 16, "");
  std::vector<std::string> arguments = {"--trace", "tile.fst"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const CommandResult result = run.run(command("1", arguments));
  EXPECT_EQ(result.exit_status, 2) << result.output;
  EXPECT_THAT(result.output, HasSubstr("[" + id + "]"));
  EXPECT_THAT(result.output, HasSubstr(words));
  EXPECT_FALSE(std::filesystem::exists(run.file("tile.fst")));
  EXPECT_FALSE(std::filesystem::exists(run.file("out/validate.json")));
}

TEST(ValidateTrace, RefusesALayerThatIsNotThere) {
  expect_refused("TW-WAVE-004", "no layer 'conv9'", {"--trace-layer", "conv9"});
}

TEST(ValidateTrace, RefusesATileThatIsNotThere) {
  expect_refused("TW-WAVE-005", "expected 0 to ", {"--trace-tile", "1000"});
}

TEST(ValidateTrace, RefusesWhatIsNoRange) {
  expect_refused("TW-WAVE-006", "FIRST:LAST", {"--trace-rows", "3"});
  expect_refused("TW-WAVE-006", "'0:x'", {"--trace-columns", "0:x"});
}

TEST(ValidateTrace, RefusesARangeOutsideTheArray) {
  expect_refused("TW-WAVE-001", "0:15", {"--trace-rows", "0:16"});
}

TEST(ValidateTrace, RefusesMoreThanTheLimit) {
  expect_refused("TW-WAVE-002", "--trace-limit",
                 {"--trace-limit", "1", "--trace-rows", "0:15", "--trace-columns", "0:15"});
}

}  // namespace
}  // namespace togglewise
