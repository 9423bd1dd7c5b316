#include "compress/cli/console.h"

#include <cstdio>
#include <unistd.h>

#include <fmt/core.h>

namespace togglewise::compress {

Console::Console() : terminal_(isatty(STDERR_FILENO) == 1) {}

Reporter Console::reporter() {
  Reporter reporter;
  reporter.progress = [this](const std::string& step, std::uint64_t done, std::uint64_t total) {
    progress(step, done, total);
  };
  reporter.note = [this](const std::string& line) { note(line); };
  return reporter;
}

void Console::progress(const std::string& step, std::uint64_t done, std::uint64_t total) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool finished = done == total;
  if (!terminal_) {
    if (finished) fmt::print(stderr, "{}: done\n", step);
    return;
  }
  const int permille = total == 0 ? 1000 : static_cast<int>(done * 1000 / total);
  if (!finished && step == shown_step_ && permille == shown_permille_) return;
  shown_step_ = step;
  shown_permille_ = permille;
  fmt::print(stderr, "\r\x1b[K{}: {:.1f} %", step, permille / 10.0);
  if (finished) fmt::print(stderr, "\n");
  line_open_ = !finished;
  std::fflush(stderr);
}

void Console::note(const std::string& line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (line_open_) fmt::print(stderr, "\n");
  line_open_ = false;
  fmt::print(stderr, "{}\n", line);
}

}  // namespace togglewise::compress
