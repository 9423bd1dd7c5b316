// Every kind of bad input: one message with its id and place, the right exit status, nothing
// written.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using testing::HasSubstr;

struct Expected {
  int status;
  std::string id;
  std::vector<std::string> words;
};

void expect_refused(const SmallRun& run, const std::vector<std::string>& arguments,
                    const Expected& expected) {
  const CommandResult result = run.run(arguments);
  EXPECT_EQ(result.exit_status, expected.status) << result.output;
  EXPECT_THAT(result.output, HasSubstr("[" + expected.id + "]"));
  for (const std::string& word : expected.words) EXPECT_THAT(result.output, HasSubstr(word));
  EXPECT_FALSE(std::filesystem::exists(run.file("out/calibrate.json")));
  EXPECT_FALSE(std::filesystem::exists(run.file("out/simulate-gate.json")));
  EXPECT_FALSE(std::filesystem::exists(run.file("out/tables.h5")));
}

std::vector<std::string> calibrate(const std::string& hardware) {
  return {"calibrate", "--hw", hardware, "--traces", "traces.h5", "--out", "out"};
}

std::vector<std::string> simulate(const std::string& hardware, const std::string& workload,
                                  const std::string& model = SmallRun::model()) {
  return {"simulate", "--hw",     hardware, "--model", model, "--workload",
          workload,   "--images", "2",      "--out",   "out"};
}

TEST(BadInput, IsAMisspelledKey) {
  const SmallRun run;
  std::string text = read_file(run.file("hw.yaml"));
  text.replace(text.find("columns"), 7, "colums");
  run.write("bad.yaml", text);
  expect_refused(run, simulate("bad.yaml", "workload.yaml"),
                 {2, "TW-CFG-002", {"bad.yaml:4:3", "colums", "did you mean 'columns'"}});
}

TEST(BadInput, IsAMissingOption) {
  const SmallRun run;
  expect_refused(run, {"simulate", "--model", "model.onnx"}, {2, "TW-CLI-001", {"--hw"}});
  expect_refused(run, {"simulate", "--hw", "hw.yaml"}, {2, "TW-CLI-006", {"--model"}});
  expect_refused(run, {"simulat"}, {2, "TW-CLI-001", {}});
}

TEST(BadInput, IsALibertyFileThatIsCutOff) {
  const SmallRun run;
  run.write_traces();
  const std::string library = read_file("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  run.write("cut.lib", library.substr(0, library.size() / 2));
  run.write("cut.yaml", SmallRun::hardware_text("cut.lib", 16, 8));
  expect_refused(run, calibrate("cut.yaml"), {2, "TW-LIB-001", {"cut.lib:"}});
}

TEST(BadInput, IsALibertyFileWithoutFlipFlops) {
  const SmallRun run;
  run.write_traces();
  std::string library = read_file("/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  // Without the three flip-flops between "cell (DFFNEGX1)" and "cell (FAX1)".
  const std::size_t begin = library.find("cell (DFFNEGX1)");
  const std::size_t end = library.find("cell (FAX1)");
  ASSERT_LT(begin, end);
  const std::size_t comment = library.rfind("/*", begin);
  const std::size_t comment_end = library.rfind("/*", end);
  library.erase(comment, comment_end - comment);
  run.write("no_flip_flops.lib", library);
  run.write("no_flip_flops.yaml", SmallRun::hardware_text("no_flip_flops.lib", 16, 8));
  expect_refused(run, calibrate("no_flip_flops.yaml"),
                 {2, "TW-SYN-005", {"no_flip_flops.lib", "flip-flop"}});
}

TEST(BadInput, IsAClockThatTheMacCannotFollow) {
  const SmallRun run;
  run.write_traces();
  std::string text = read_file(run.file("hw.yaml"));
  text.replace(text.find("8000"), 4, "2000");
  run.write("fast.yaml", text);
  expect_refused(run, calibrate("fast.yaml"), {2, "TW-ENERGY-002", {"fast.yaml", "2000", "ps"}});
}

TEST(BadInput, IsALibertyFileThatIsNotThere) {
  const SmallRun run;
  run.write_traces();
  run.write("hw2.yaml", SmallRun::hardware_text("nowhere.lib", 16, 8));
  expect_refused(run, calibrate("hw2.yaml"), {2, "TW-CFG-010", {"nowhere.lib"}});
}

TEST(BadInput, IsADatasetThatIsMissingOrShort) {
  const SmallRun run;
  run.write("missing.yaml", SmallRun::workload_text("nowhere.idx"));
  expect_refused(run, simulate("hw.yaml", "missing.yaml"), {2, "TW-DATA-001", {"nowhere.idx"}});
  const std::string images = read_file(run.file("images.idx"));
  run.write("short.idx", images.substr(0, images.size() - 100));
  run.write("short.yaml", SmallRun::workload_text("short.idx"));
  expect_refused(run, simulate("hw.yaml", "short.yaml"), {2, "TW-DATA-003", {"short.idx"}});
}

TEST(BadInput, IsMoreImagesThanThereAre) {
  const SmallRun run;
  std::vector<std::string> arguments = simulate("hw.yaml", "workload.yaml");
  arguments[8] = "7";
  expect_refused(run, arguments, {2, "TW-CLI-004", {"1 to 6"}});
}

TEST(BadInput, IsATableOfAnotherHardware) {
  const SmallRun run;
  run.write_traces();
  const CommandResult made = run.run({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5",
                                      "--transitions", "200", "-o", "tables.h5"});
  ASSERT_EQ(made.exit_status, 0) << made.output;
  run.write("rows32.yaml",
            SmallRun::hardware_text("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", 32, 8));
  std::vector<std::string> arguments = simulate("rows32.yaml", "workload.yaml");
  arguments.insert(arguments.end(), {"--fidelity", "table", "--tables", "tables.h5"});
  expect_refused(run, arguments, {2, "TW-TABLE-002", {"tables.h5", "20-bit", "21-bit"}});
}

TEST(BadInput, IsAFidelityWithoutItsTables) {
  const SmallRun run;
  std::vector<std::string> arguments = simulate("hw.yaml", "workload.yaml");
  arguments.insert(arguments.end(), {"--fidelity", "table"});
  expect_refused(run, arguments, {2, "TW-CLI-005", {"--tables"}});
  arguments.back() = "tabel";
  expect_refused(run, arguments, {2, "TW-ENERGY-001", {"did you mean 'table'"}});
}

TEST(BadInput, IsAModelWhoseWeightsDoNotFitTheArray) {
  const SmallRun run;
  run.write("narrow.yaml",
            SmallRun::hardware_text("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", 16, 4));
  expect_refused(run, simulate("narrow.yaml", "workload.yaml"),
                 {2, "TW-MODEL-001", {"lenet5_fashion_mnist.onnx", "conv1", "-8"}});
}

TEST(BadInput, IsAModelThatIsCutOff) {
  const SmallRun run;
  const std::string model = read_file(SmallRun::model());
  run.write("cut.onnx", model.substr(0, model.size() / 2));
  expect_refused(run, simulate("hw.yaml", "workload.yaml", "cut.onnx"),
                 {2, "TW-ONNX-001", {"cut.onnx"}});
}

TEST(BadInput, IsAnOutputFolderThatCannotBeWritten) {
  const SmallRun run;
  std::vector<std::string> arguments = simulate("hw.yaml", "workload.yaml");
  run.write("file", "in the way");
  arguments.back() = "file/out";
  expect_refused(run, arguments, {2, "TW-FILE-003", {"file/out"}});
}

TEST(BadInput, IsATraceFileThatIsCutOff) {
  const SmallRun run;
  run.write_traces();
  const std::string traces = read_file(run.file("traces.h5"));
  run.write("traces.h5", traces.substr(0, traces.size() / 2));
  expect_refused(run, calibrate("hw.yaml"), {2, "TW-TRACE-001", {"traces.h5"}});
}

}  // namespace
}  // namespace togglewise
