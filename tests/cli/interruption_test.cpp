// Commands that are killed: what they leave behind is never taken for whole.
#include <chrono>
#include <filesystem>
#include <signal.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

namespace fs = std::filesystem;

pid_t start(const std::vector<std::string>& arguments) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(125);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

// Kills the command after `milliseconds`; false when it had ended by then.
bool interrupt(const std::vector<std::string>& arguments, int signal, int milliseconds) {
  const pid_t child = start(arguments);
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  ::kill(child, signal);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

TEST(Interruption, LeavesNoResultUnderItsName_AtAnyTime) {
  const SmallRun run;
  run.write_traces();
  // Long enough that no run of this test ends by itself before the latest kill.
  const std::vector<std::string> arguments{SmallRun::program(),
                                           "calibrate",
                                           "--hw",
                                           run.file("hw.yaml"),
                                           "--traces",
                                           run.file("traces.h5"),
                                           "--transitions",
                                           "2000000",
                                           "--precision",
                                           "0.01",
                                           "--threads",
                                           "1",
                                           "--out",
                                           run.file("out")};
  int killed = 0;
  for (const int signal : {SIGKILL, SIGINT}) {
    for (const int milliseconds : {1, 50, 200, 700}) {
      killed += interrupt(arguments, signal, milliseconds) ? 1 : 0;
      EXPECT_FALSE(fs::exists(run.file("out/tables.h5")));
      EXPECT_FALSE(fs::exists(run.file("out/calibrate.json")));
    }
  }
  EXPECT_EQ(killed, 8);
  const CommandResult again = run.run({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5",
                                       "--transitions", "500", "--out", "out"});
  EXPECT_EQ(again.exit_status, 0) << again.output;
  EXPECT_TRUE(fs::exists(run.file("out/tables.h5")));
}

}  // namespace
}  // namespace togglewise
