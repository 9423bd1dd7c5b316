// What a user sees while a command runs: progress and notes on standard error.
#pragma once

#include <mutex>
#include <string>

#include "compress/run/run_support.h"

namespace togglewise::compress {

// On a terminal one line that is rewritten; elsewhere (a log file, CI) one line for each finished
// step.
class Console {
 public:
  Console();
  Reporter reporter();

 private:
  void progress(const std::string& step, std::uint64_t done, std::uint64_t total);
  void note(const std::string& line);

  std::mutex mutex_;
  bool terminal_;
  bool line_open_ = false;
  int shown_permille_ = -1;
  std::string shown_step_;
};

}  // namespace togglewise::compress
