// `compress` from the command line: killed at any time, and under a time budget.
#include <chrono>
#include <filesystem>
#include <signal.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

using nlohmann::json;

class CompressCommand : public testing::Test {
 protected:
  void SetUp() override {
    run_.write_traces();
    const CommandResult tables =
        run_.run({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5", "--transitions", "500",
                  "-o", run_.file("tables.h5"), "--out", run_.file("calibrate")});
    ASSERT_EQ(tables.exit_status, 0) << tables.output;
  }

  std::vector<std::string> arguments(const std::string& out) const {
    return {"compress",
            "--hw",
            run_.file("hw.yaml"),
            "--workload",
            run_.file("workload.yaml"),
            "--model",
            SmallRun::model(),
            "--tables",
            run_.file("tables.h5"),
            "--max-accuracy-drop",
            "100",
            "--trials",
            "2",
            "--epochs",
            "6",
            "--continued-epochs",
            "4",
            "--energy-images",
            "1",
            "--threads",
            "2",
            "--out",
            run_.file(out)};
  }

  json result(const std::string& out) const {
    json value = json::parse(read_file(run_.file(out + "/compress.json")));
    value.erase("timing");
    return value;
  }

  // Runs until killed; true when it was, false when it had ended by then.
  bool killed_after(const std::string& out, int milliseconds) const {
    std::vector<std::string> words = arguments(out);
    words.insert(words.begin(), SmallRun::program());
    const pid_t child = ::fork();
    if (child == 0) {
      if (::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(125);
      if (::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(125);
      // `togglewise` starts the second program: a group of their own ends with both.
      ::setpgid(0, 0);
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) {
        ::kill(-child, SIGKILL);
        ::waitpid(child, &status, 0);
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return WIFSIGNALED(status);
  }

  SmallRun run_;
};

TEST_F(CompressCommand, KilledAgainAndAgain_EndsWithTheSameBytes) {
  const CommandResult whole = run_.run(arguments("whole"));
  ASSERT_EQ(whole.exit_status, 0) << whole.output;
  int kills = 0;
  // Longer each time, so that it gets through at last, on a machine of any speed.
  for (int milliseconds = 400; killed_after("killed", milliseconds); milliseconds += 150) ++kills;
  EXPECT_GE(kills, 2);
  EXPECT_EQ(result("killed"), result("whole"));
  for (const char* file : {"model.onnx", "pareto.csv", "log.jsonl"}) {
    EXPECT_EQ(read_file(run_.file(std::string("killed/") + file)),
              read_file(run_.file(std::string("whole/") + file)))
        << file;
  }
}

TEST_F(CompressCommand, Budget_EndsTheSearchAndSaysSo) {
  std::vector<std::string> hurried = arguments("hurried");
  hurried.insert(hurried.end(), {"--budget", "0.001s"});
  const CommandResult ended = run_.run(hurried);
  EXPECT_EQ(ended.exit_status, 0) << ended.output;
  EXPECT_NE(ended.output.find("time budget"), std::string::npos) << ended.output;
  EXPECT_TRUE(result("hurried").at("stopped_by_budget").get<bool>());
}

}  // namespace
}  // namespace togglewise
