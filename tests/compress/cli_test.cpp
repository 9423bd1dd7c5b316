// The program from outside: messages and exit statuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compress/cli/duration.h"
#include "sim/base/command.h"
#include "sim/base/files.h"
#include "tests/compress/small_workload.h"
#include "tests/config/expect_error.h"

namespace togglewise::compress {
namespace {

using testing::HasSubstr;

CommandResult start(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{std::string(TOGGLEWISE_BINARY_DIR) + "/bin/togglewise-compress"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_command(command, std::filesystem::temp_directory_path());
}

TEST(CompressCli, Help_NamesEveryOption) {
  const CommandResult train = start({"train", "--help"});
  EXPECT_EQ(train.exit_status, 0);
  for (const char* option : {"--workload", "--init", "--out", "--seed", "--threads", "--fresh"}) {
    EXPECT_THAT(train.output, HasSubstr(option));
  }
  const CommandResult compress = start({"compress", "--help"});
  EXPECT_EQ(compress.exit_status, 0);
  for (const char* option : {"--hw", "--model", "--tables", "--mapping", "--max-accuracy-drop",
                             "--init", "--teacher", "--method", "--margin", "--pareto", "--budget",
                             "--energy-images", "--trials", "--epochs"}) {
    EXPECT_THAT(compress.output, HasSubstr(option));
  }
}

TEST(CompressCli, UsageErrors_ExitWith2) {
  EXPECT_EQ(start({}).exit_status, 2);
  EXPECT_EQ(start({"train"}).exit_status, 2);
  EXPECT_EQ(start({"train", "--wrokload", "w.yaml"}).exit_status, 2);
  EXPECT_EQ(start({"train", "--workload", "w.yaml", "--out", "o", "--threads", "-1"}).exit_status,
            2);
}

TEST(CompressCli, MissingWorkload_ExitsWith2_AndOneMessage) {
  const TemporaryDirectory folder;
  const CommandResult result = start(
      {"train", "--workload", "/nonexistent/w.yaml", "--out", (folder.path() / "out").string()});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, testing::StartsWith("error: "));
  EXPECT_THAT(result.output, HasSubstr("/nonexistent/w.yaml"));
  EXPECT_THAT(result.output, HasSubstr("[TW-"));
}

// `compress` of one of the tests' models with these options.
CommandResult compress_with(const std::string& model, const std::vector<std::string>& options) {
  const std::string source = TOGGLEWISE_SOURCE_DIR;
  const TemporaryDirectory folder;
  std::vector<std::string> arguments = {"compress",
                                        "--workload",
                                        "w.yaml",
                                        "--model",
                                        source + "/tests/data/" + model,
                                        "--hw",
                                        source + "/hw_configs/ws16x16_osu018.yaml",
                                        "--out",
                                        (folder.path() / "out").string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return start(arguments);
}

TEST(CompressCli, MissingTables_ExitWith2) {
  const CommandResult result =
      compress_with("lenet5_fashion_mnist.onnx", {"--tables", "/nonexistent/tables.h5"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, HasSubstr("/nonexistent/tables.h5"));
}

// `compress` with a mapping that says nothing.
CommandResult compress_mapped(const std::string& model) {
  const TemporaryDirectory folder;
  const std::filesystem::path mapping = folder.path() / "mapping.json";
  write_file_atomically(mapping, "{}");
  return compress_with(model, {"--tables", "t.h5", "--mapping", mapping.string()});
}

TEST(CompressCli, WhatIsNoMapping_ExitsWith2) {
  const CommandResult result = compress_mapped("lenet5_fashion_mnist.onnx");
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, HasSubstr("[TW-MAP-001]"));
}

TEST(CompressCli, MappingOfAFloatModel_ExitsWith2) {
  const CommandResult result = compress_mapped("onnx/float_residual.onnx");
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, HasSubstr("[TW-COMPRESS-014]"));
}

TEST(CompressCli, MethodNamedTwice_ExitsWith2_BeforeAnythingIsRead) {
  const CommandResult result =
      start({"compare", "--methods", "magnitude,powerpruning,magnitude", "--workload", "w.yaml",
             "--model", "m.onnx", "--hw", "h.yaml", "--tables", "t.h5"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.output, HasSubstr("'magnitude' is named twice"));
  EXPECT_THAT(result.output, HasSubstr("[TW-COMPRESS-015]"));
}

TEST(Durations, AreNumbersWithUnits) {
  EXPECT_EQ(seconds_of(""), 0);
  EXPECT_EQ(seconds_of("90"), 90);
  EXPECT_EQ(seconds_of("90s"), 90);
  EXPECT_EQ(seconds_of("45min"), 2700);
  EXPECT_EQ(seconds_of("1.5h"), 5400);
}

TEST(Durations, WhatIsNone_IsRefused) {
  for (const char* text : {"soon", "-3min", "0", "5 parsecs", "inf", "nan", "min"}) {
    expect_error([&] { seconds_of(text); }, {"TW-CLI-040", {text, "45min"}});
  }
}

TEST(CompressCli, Training_PrintsASummary) {
  const TemporaryDirectory folder;
  test::SmallWorkload small;
  small.epochs = 1;
  const std::filesystem::path workload = small.write(folder.path());
  const CommandResult result = start({"train", "--workload", workload.string(), "--out",
                                      (folder.path() / "out").string(), "--threads", "1"});
  EXPECT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("int8 top-1, test images"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "out" / "train.json"));
}

}  // namespace
}  // namespace togglewise::compress
