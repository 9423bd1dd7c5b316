#include "sim/tech/synthesis.h"

#include <cstdlib>
#include <fstream>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

SynthesisRequest accumulator_request(const std::filesystem::path& cache) {
  SynthesisRequest result = request({rtl_file("accumulator.sv")}, "accumulator",
                                    {{"PARTIAL_SUM_BITS", 8}, {"ACCUMULATOR_BITS", 12}});
  result.cache_folder = cache;
  return result;
}

TEST(Synthesis, TheSecondRun_ComesFromTheCache) {
  const TemporaryDirectory cache;
  const SynthesisResult first = synthesize(accumulator_request(cache.path()));
  EXPECT_FALSE(first.from_cache);
  EXPECT_THAT(read_file(first.verilog_file), HasSubstr("DFFPOSX1"));
  const SynthesisResult second = synthesize(accumulator_request(cache.path()));
  EXPECT_TRUE(second.from_cache);
  EXPECT_EQ(first.key, second.key);
  int folders = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(cache.path()))
    ++folders;
  EXPECT_EQ(folders, 1) << "working folders are removed";
}

TEST(Synthesis, AnUnfinishedResult_IsNotTakenForWhole) {
  const TemporaryDirectory cache;
  const SynthesisResult first = synthesize(accumulator_request(cache.path()));
  std::filesystem::remove(first.verilog_file);
  std::filesystem::remove(first.log_file);
  std::filesystem::remove(first.json_file);
  EXPECT_FALSE(synthesize(accumulator_request(cache.path())).from_cache);
}

TEST(Synthesis, TheKey_DependsOnTextParametersAndClock_NotOnPlaces) {
  const TemporaryDirectory cache;
  const SynthesisRequest original = accumulator_request(cache.path());
  const std::string key = synthesize(original).key;
  SynthesisRequest moved = original;
  moved.rtl_files = {cache.path() / "moved.sv"};
  std::filesystem::copy_file(rtl_file("accumulator.sv"), moved.rtl_files[0]);
  EXPECT_EQ(synthesize(moved).key, key);
  SynthesisRequest wider = original;
  wider.parameters["ACCUMULATOR_BITS"] = 13;
  EXPECT_NE(synthesize(wider).key, key);
  SynthesisRequest slower = original;
  slower.clock_period_ps = 9000.0;
  EXPECT_NE(synthesize(slower).key, key);
}

TEST(Synthesis, TheSameRequest_GivesTheSameNetlist_InAnotherCache) {
  const TemporaryDirectory one;
  const TemporaryDirectory two;
  EXPECT_EQ(read_file(synthesize(accumulator_request(one.path())).json_file),
            read_file(synthesize(accumulator_request(two.path())).json_file));
}

TEST(Synthesis, RtlThatYosysRefuses_IsReported_WithFileAndLine) {
  const Error error = error_of([] { synthesize(request({data_file("broken.sv")}, "mac")); });
  EXPECT_EQ(error.id(), "TW-SYN-002");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.file(), EndsWith("broken.sv"));
  EXPECT_EQ(error.line(), 4);
  EXPECT_THAT(error.message(), HasSubstr("syntax error"));
}

TEST(Synthesis, AMissingTopModule_IsReported) {
  const Error error = error_of([] { synthesize(request({rtl_file("adder.sv")}, "subtractor")); });
  EXPECT_EQ(error.id(), "TW-SYN-002");
  EXPECT_THAT(error.message(), HasSubstr("subtractor"));
}

TEST(Synthesis, MissingYosys_IsReported) {
  const TemporaryDirectory cache;
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  const Error error = error_of([&] { synthesize(accumulator_request(cache.path())); });
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(error.id(), "TW-SYN-001");
  EXPECT_EQ(error.exit_status(), 1);
  EXPECT_THAT(error.hint(), HasSubstr("yosys"));
}

TEST(Synthesis, NoFilesOrMissingFiles_AreReported) {
  EXPECT_EQ(error_of([] { synthesize(request({}, "mac")); }).id(), "TW-SYN-003");
  EXPECT_EQ(error_of([] { synthesize(request({"no/such.sv"}, "mac")); }).id(), "TW-FILE-001");
}

TEST(Synthesis, ACacheThatCannotTakeTheResult_IsReported) {
  const TemporaryDirectory cache;
  const TemporaryDirectory blocked;
  const std::string key = synthesize(accumulator_request(cache.path())).key;
  std::ofstream(blocked.path() / key) << "a file where the folder should go";
  const Error error = error_of([&] { synthesize(accumulator_request(blocked.path())); });
  EXPECT_EQ(error.id(), "TW-SYN-004");
}

// A module in `folder` that includes widths.svh, which includes deeper/value.svh.
SynthesisRequest including_request(const TemporaryDirectory& folder, const std::string& value) {
  std::filesystem::create_directories(folder.path() / "rtl" / "deeper");
  write_file_atomically(folder.path() / "rtl" / "counter.sv",
                        "// `include \"not/this.svh\"\n"
                        "/* `include THIS */\n"
                        "`include \"widths.svh\"\n"
                        "module counter (input clk, output reg [`BITS-1:0] count);\n"
                        "  always @(posedge clk) count <= count + 1;\n"
                        "endmodule\n");
  write_file_atomically(folder.path() / "rtl" / "widths.svh", "`include \"deeper/value.svh\"\n");
  write_file_atomically(folder.path() / "rtl" / "deeper" / "value.svh", "`define BITS " + value);
  SynthesisRequest result = request({folder.path() / "rtl" / "counter.sv"}, "counter");
  result.cache_folder = folder.path() / "cache";
  return result;
}

TEST(Synthesis, AnIncludedFile_IsPartOfTheKey_HoweverDeep) {
  const TemporaryDirectory folder;
  const SynthesisResult four = synthesize(including_request(folder, "4\n"));
  EXPECT_TRUE(synthesize(including_request(folder, "4\n")).from_cache);
  const SynthesisResult five = synthesize(including_request(folder, "5\n"));
  EXPECT_FALSE(five.from_cache);
  EXPECT_NE(five.key, four.key);
  EXPECT_THAT(read_file(five.verilog_file), HasSubstr("[4:0] count"));
}

TEST(Synthesis, AnIncludeWithoutALiteralName_IsReported) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "top.sv",
                        "module top;\nendmodule\n`define FILE \"x.svh\"\n`include `FILE\n");
  const Error error = error_of([&] { synthesize(request({folder.path() / "top.sv"}, "top")); });
  EXPECT_EQ(error.id(), "TW-SYN-006");
  EXPECT_EQ(error.line(), 4);
  EXPECT_EQ(error.expected(), "`include \"file\"");
}

TEST(Synthesis, AMissingIncludedFile_IsReported) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "top.sv", "`include \"x.svh\"\nmodule top;\nendmodule\n");
  const Error error = error_of([&] { synthesize(request({folder.path() / "top.sv"}, "top")); });
  EXPECT_EQ(error.id(), "TW-SYN-002");
  EXPECT_THAT(error.message(), HasSubstr("x.svh"));
  EXPECT_THAT(error.hint(), HasSubstr("beside the file that includes it"));
}

TEST(Synthesis, AGzippedLibrary_GivesTheSameNetlist) {
  const TemporaryDirectory folder;
  SynthesisRequest packed = accumulator_request(folder.path() / "cache");
  packed.liberty_file = folder.path() / "osu018.lib";
  std::filesystem::copy_file(osu018_file(), packed.liberty_file);
  ASSERT_EQ(run_command({"gzip", "osu018.lib"}, folder.path()).exit_status, 0);
  packed.liberty_file += ".gz";
  const SynthesisResult result = synthesize(packed);
  EXPECT_EQ(read_file(result.json_file),
            read_file(synthesize(accumulator_request(folder.path() / "other")).json_file));
  EXPECT_FALSE(std::filesystem::exists(result.json_file.parent_path() / "library.lib"));
}

TEST(Synthesis, ACombinationalLoop_IsReported_WithASignalOnIt) {
  const TemporaryDirectory cache;
  SynthesisRequest loop = request({data_file("mac_loop.sv")}, "mac");
  loop.cache_folder = cache.path();
  const Error error = error_of([&] { synthesize(loop); });
  EXPECT_EQ(error.id(), "TW-SYN-007");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.message(), HasSubstr("combinational loop through sum["));
  EXPECT_THAT(error.file(), EndsWith("mac_loop.sv"));
  EXPECT_TRUE(std::filesystem::is_empty(cache.path()));
}

TEST(Synthesis, TheDefaultCache_FollowsTheEnvironment) {
  ::setenv("XDG_CACHE_HOME", "/some/cache", 1);
  EXPECT_EQ(default_cache_folder(), "/some/cache/togglewise/netlists");
  ::unsetenv("XDG_CACHE_HOME");
  ::setenv("HOME", "/some/home", 1);
  EXPECT_EQ(default_cache_folder(), "/some/home/.cache/togglewise/netlists");
}

}  // namespace
}  // namespace togglewise::tech
