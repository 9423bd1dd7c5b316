// The command `calibrate`: where operands come from, both timings at once, going on after a kill.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/base/error.h"
#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void expect_refused(const CommandResult& result, const std::string& id, const std::string& named) {
  EXPECT_EQ(result.exit_status, 2) << result.output;
  EXPECT_NE(result.output.find(id), std::string::npos) << result.output;
  EXPECT_NE(result.output.find(named), std::string::npos) << result.output;
}

TEST(Calibrate, WantsOperandsFromOneSource) {
  const SmallRun run;
  run.write_traces();
  run.write("statistics.yaml", "zero_share: 0.6\n");
  expect_refused(run.run({"calibrate", "--hw", "hw.yaml", "--out", "out"}), "TW-CLI-020",
                 "no operands");
  expect_refused(run.run({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5", "--statistics",
                          "statistics.yaml", "--out", "out"}),
                 "TW-CLI-020", "traces were given");
  expect_refused(
      run.run({"calibrate", "--hw", "hw.yaml", "--workload", "workload.yaml", "--out", "out"}),
      "TW-CLI-020", "workload.yaml");
  run.write("misspelt.yaml", "zero_shore: 0.6\n");
  expect_refused(
      run.run({"calibrate", "--hw", "hw.yaml", "--statistics", "misspelt.yaml", "--out", "out"}),
      "TW-CFG", "misspelt.yaml:1");
  EXPECT_FALSE(fs::exists(run.file("out/tables.h5")));
}

TEST(Calibrate, SaysThatTablesOfStatisticsAreSynthetic) {
  const SmallRun run;
  run.write("statistics.yaml", "zero_share: 0.6\nreduction_length: 40\n");
  for (const std::string out : {"one", "two"}) {
    const CommandResult result = run.run({"calibrate", "--hw", "hw.yaml", "--statistics",
                                          "statistics.yaml", "--transitions", "600", "--out", out});
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_NE(result.output.find("statistics"), std::string::npos);
  }
  const json result = json::parse(read_file(run.file("one/calibrate.json")));
  EXPECT_TRUE(result["traces"]["synthetic"].get<bool>());
  EXPECT_EQ(read_file(run.file("one/tables.h5")), read_file(run.file("two/tables.h5")));
}

TEST(Calibrate, RefusesTracesOfAnotherNetworkThanTheModel) {
  const SmallRun run;
  run.write_traces();
  const std::vector<std::string> own{"calibrate",      "--hw", "hw.yaml", "--traces", "traces.h5",
                                     "--transitions",  "300",  "--out",   "out",      "--model",
                                     SmallRun::model()};
  EXPECT_EQ(run.run(own).exit_status, 0);
  network::Traces traces = network::read_traces(run.file("traces.h5"));
  traces.model_hash = "0123456789abcdef0123456789abcdef";
  network::write_traces(traces, run.file("traces.h5"));
  expect_refused(run.run(own), "TW-TABLE-009", "traces.h5");
}

TEST(Calibrate, BothTimings_MakeTablesThatAreTakenEachForItsOwn) {
  const SmallRun run;
  run.write_traces();
  const CommandResult made = run.run({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5",
                                      "--transitions", "300", "--timing", "both", "--out", "out"});
  ASSERT_EQ(made.exit_status, 0) << made.output;
  for (const std::string timing : {"zero", "inertial"}) {
    for (const std::string tables : {"zero", "inertial"}) {
      const CommandResult result =
          run.run({"simulate", "--hw", "hw.yaml", "--model", SmallRun::model(), "--workload",
                   "workload.yaml", "--images", "1", "--fidelity", "table", "--timing", timing,
                   "--tables", "out/tables-" + tables + ".h5", "--out", "simulate"});
      if (timing == tables) {
        EXPECT_EQ(result.exit_status, 0) << result.output;
      } else {
        expect_refused(result, "TW-TABLE-003", "tables-" + tables + ".h5");
      }
    }
  }
}

// Starts the program and kills it as soon as `file` holds something; false if it ended before.
bool kill_when_there_is(const fs::path& file, const std::vector<std::string>& arguments) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<char*> argv;
    for (const std::string& text : arguments) argv.push_back(const_cast<char*>(text.c_str()));
    argv.push_back(nullptr);
    if (::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(125);
    if (::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(125);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  std::error_code none;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (fs::exists(file, none) && fs::file_size(file, none) > 100000) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return WIFSIGNALED(status);
}

TEST(Calibrate, GoesOnAfterAKill_AndMakesTheSameTables) {
  const SmallRun run;
  run.write_traces();
  const auto arguments = [&](const std::string& out) {
    return std::vector<std::string>{SmallRun::program(),
                                    "calibrate",
                                    "--hw",
                                    run.file("hw.yaml"),
                                    "--traces",
                                    run.file("traces.h5"),
                                    "--transitions",
                                    "4000",
                                    "--timing",
                                    "zero",
                                    "--threads",
                                    "2",
                                    "--out",
                                    run.file(out)};
  };
  const fs::path checkpoint = run.file("killed/tables.h5.partial");
  ASSERT_TRUE(kill_when_there_is(checkpoint, arguments("killed")));
  EXPECT_TRUE(fs::exists(checkpoint));
  EXPECT_FALSE(fs::exists(run.file("killed/tables.h5")));
  for (const std::string out : {"killed", "whole"}) {
    const CommandResult result = run_command(arguments(out), run.file("."));
    ASSERT_EQ(result.exit_status, 0) << result.output;
  }
  EXPECT_FALSE(fs::exists(checkpoint));
  EXPECT_EQ(read_file(run.file("killed/tables.h5")), read_file(run.file("whole/tables.h5")));
}

}  // namespace
}  // namespace togglewise
