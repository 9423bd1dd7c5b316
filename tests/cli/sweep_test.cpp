// `togglewise sweep` as users run it: threads, ranks, kills, wrong files.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <signal.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class Sweep : public testing::Test {
 protected:
  Sweep() {
    run_.write("net.csv",
               "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num "
               "Filter, Strides,\nfirst, 8, 8, 3, 3, 3, 16, 1,\nlast, 6, 6, 3, 3, 16, 20, 1,\n");
  }

  // A sweep over the topology; `more` are further lines of the file.
  void write_sweep(const std::string& block, const std::string& more = "") const {
    run_.write("sweep.yaml",
               "name: small\nhardware: hw.yaml\nworkload: net.csv\n" + more + "sweep:\n" + block);
  }
  CommandResult sweep(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"sweep", "sweep.yaml", "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_.run(arguments);
  }
  void expect_same_files(const std::string& a, const std::string& b) const {
    for (const char* name : {"/sweep.csv", "/sweep.json", "/sweep.html"}) {
      EXPECT_TRUE(read_file(run_.file(a + name)) == read_file(run_.file(b + name))) << name;
    }
  }
  std::size_t finished_lines(const std::string& out) const {
    const fs::path journal = run_.file(out + "/.sweep-journal");
    if (!fs::exists(journal)) return 0;
    const std::string text = read_file(journal);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  SmallRun run_;
};

TEST_F(Sweep, WritesTheSameFiles_OnOneThreadAndOnAll) {
  write_sweep("  array.rows: [4, 8, 16]\n  array.columns: {from: 4, to: 16, times: 2}\n");
  const CommandResult one = sweep("one", {"--threads", "1"});
  ASSERT_EQ(one.exit_status, 0) << one.output;
  EXPECT_THAT(one.output, HasSubstr("9 points, 9 computed now"));
  EXPECT_THAT(one.output, HasSubstr("least time"));
  ASSERT_EQ(sweep("all").exit_status, 0);
  expect_same_files("one", "all");
}

TEST_F(Sweep, RunsTheModel_AtFidelityGate) {
  run_.write("sweep.yaml", "name: lenet\nhardware: hw.yaml\nmodel: " + SmallRun::model() +
                               "\nworkload: workload.yaml\nimages: 1\nfidelity: gate\nsweep:\n"
                               "  array.columns: [8, 16]\n");
  const CommandResult result = sweep("out");
  ASSERT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("least energy"));
  EXPECT_THAT(read_file(run_.file("out/sweep.csv")), HasSubstr(",gate,traced,1,"));
}

TEST_F(Sweep, MarksSyntheticOperands_EverywhereTheyAppear) {
  write_sweep("  array.columns: [8, 16]\n", "fidelity: gate\n");
  const CommandResult result = sweep("out");
  ASSERT_EQ(result.exit_status, 0) << result.output;
  EXPECT_THAT(read_file(run_.file("out/sweep.csv")), HasSubstr(",synthetic,"));
  EXPECT_THAT(read_file(run_.file("out/sweep.json")), HasSubstr("\"operands\":\"synthetic\""));
  EXPECT_THAT(read_file(run_.file("out/sweep.html")), HasSubstr("Synthetic operands"));
}

TEST_F(Sweep, DryRun_SaysHowMuchThereIs_AndWritesNothing) {
  write_sweep("  array.rows: {from: 1, to: 16, step: 1}\n");
  const CommandResult before = sweep("out", {"--dry-run"});
  EXPECT_EQ(before.exit_status, 0) << before.output;
  EXPECT_THAT(before.output, HasSubstr("small: 16 points"));
  EXPECT_THAT(before.output, HasSubstr("… 6 more"));
  EXPECT_THAT(before.output, HasSubstr("Finished in out: 0; to compute: 16"));
  EXPECT_THAT(before.output, HasSubstr("Estimated time: "));
  EXPECT_FALSE(fs::exists(run_.file("out")));
  ASSERT_EQ(sweep("out").exit_status, 0);
  EXPECT_THAT(sweep("out", {"--dry-run"}).output, HasSubstr("Finished in out: 16; to compute: 0"));
}

// Starts the sweep and kills it when some points, but not all, are finished.
TEST_F(Sweep, GoesOnAfterAKill_WithoutRepeatingFinishedPoints) {
  write_sweep("  array.rows: {from: 4, to: 16, step: 2}\n  array.columns: [4, 8]\n",
              "fidelity: gate\nimages: 4\n");
  constexpr std::size_t points = 14;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chdir(run_.file("").c_str()) != 0) ::_exit(126);
    if (::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(125);
    const std::string program = SmallRun::program();
    ::execl(program.c_str(), program.c_str(), "sweep", "sweep.yaml", "--out", "killed", "--threads",
            "1", nullptr);
    ::_exit(127);
  }
  while (finished_lines("killed") < 3 && ::waitpid(child, nullptr, WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const std::size_t finished = finished_lines("killed") - 1;  // the first line is the file's name
  ASSERT_GE(finished, 2U);
  ASSERT_LT(finished, points);
  EXPECT_FALSE(fs::exists(run_.file("killed/sweep.csv")));
  const CommandResult again = sweep("killed");
  ASSERT_EQ(again.exit_status, 0) << again.output;
  EXPECT_THAT(again.output, HasSubstr(std::to_string(points - finished) + " computed now"));
  EXPECT_THAT(again.output, HasSubstr(std::to_string(finished) + " finished before"));
  ASSERT_EQ(sweep("whole").exit_status, 0);
  expect_same_files("killed", "whole");
}

TEST_F(Sweep, WritesTheSameFiles_WhenMpirunSharesIt) {
  if (find_program("mpirun").empty()) {
    GTEST_SKIP() << "mpirun is not installed (Debian: apt-get install openmpi-bin)";
  }
  write_sweep("  array.rows: {from: 1, to: 16, step: 1}\n  array.columns: [4, 8, 16]\n");
  ASSERT_EQ(sweep("one").exit_status, 0);
  const auto mpirun = [&](const std::string& out) {
    return run_command({"mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "2",
                        SmallRun::program(), "sweep", "sweep.yaml", "--out", out},
                       run_.file(""));
  };
  const CommandResult two = mpirun("two");
  if (two.exit_status != 0 && two.output.find("TW-SWEEP-008") != std::string::npos) {
    GTEST_SKIP() << "this program was built without MPI (Debian: libopenmpi-dev)";
  }
  ASSERT_EQ(two.exit_status, 0) << two.output;
  EXPECT_THAT(two.output, HasSubstr("on 2 ranks"));
  expect_same_files("one", "two");
  // One message, from rank 0, and all ranks end.
  write_sweep("  array.rows: [300]\n");
  const CommandResult wrong = mpirun("wrong");
  EXPECT_NE(wrong.exit_status, 0);
  EXPECT_THAT(wrong.output, HasSubstr("'array.rows' is 300"));
  EXPECT_EQ(wrong.output.find("TW-CFG-005"), wrong.output.rfind("TW-CFG-005"));
}

TEST_F(Sweep, WrongInput_IsOneMessageWithItsPlace_AndNothingIsWritten) {
  const auto refused = [&](const std::string& place, const std::string& id) {
    const CommandResult result = sweep("out");
    EXPECT_EQ(result.exit_status, 2) << result.output;
    EXPECT_THAT(result.output, HasSubstr(place));
    EXPECT_THAT(result.output, HasSubstr("[" + id + "]"));
    EXPECT_FALSE(fs::exists(run_.file("out/sweep.csv")));
  };
  write_sweep("  array.rows: {from: 16, to: 8, step: 4}\n");
  refused("sweep.yaml:5:39", "TW-SWEEP-001");
  write_sweep("  array.rowz: [4]\n");
  refused("sweep.yaml:5:16", "TW-CFG-002");
  write_sweep("  workload: [net.csv, missing.csv]\n");
  refused("missing.csv", "TW-FILE-001");
}

}  // namespace
}  // namespace togglewise
