// Options that every command has, and the pieces of a command's run that depend on them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace CLI {
class App;
}

namespace togglewise::cli {

struct CommonOptions {
  std::filesystem::path out = "togglewise-out";
  std::uint64_t seed = 1;
  int threads = 0;  // 0: all processors

  int thread_count() const;
};

void add_common_options(CLI::App& command, CommonOptions& options);

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace togglewise::cli
