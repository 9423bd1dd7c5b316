#include "sim/cli/progress_printer.h"

#include <chrono>
#include <cstdio>
#include <mutex>
#include <unistd.h>

#include <fmt/format.h>

namespace togglewise::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Printer {
  std::mutex mutex;
  bool terminal = ::isatty(STDERR_FILENO) == 1;
  std::string step;
  std::uint64_t quarters = 0;
  std::uint64_t most = 0;
  Clock::time_point last;

  void report(const std::string& name, std::uint64_t done, std::uint64_t total) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (name != step) {
      step = name;
      quarters = 0;
      most = 0;
      last = {};
    }
    if (total == 0 || done < most) return;  // a slower thread reports late
    most = done;
    const bool end = done >= total;
    if (terminal) {
      if (!end && Clock::now() - last < std::chrono::milliseconds(100)) return;
      last = Clock::now();
      fmt::print(stderr, "\r  {} {:3d} %{}", name, 100 * done / total, end ? "\n" : "");
      std::fflush(stderr);
    } else if (4 * done / total > quarters) {
      quarters = 4 * done / total;
      fmt::print(stderr, "  {} {:3d} %\n", name, 100 * done / total);
    }
  }
};

}  // namespace

ProgressFunction make_progress_printer() {
  const auto printer = std::make_shared<Printer>();
  return [printer](const std::string& step, std::uint64_t done, std::uint64_t total) {
    printer->report(step, done, total);
  };
}

void announce(const std::string& text) { fmt::print(stderr, "* {}\n", text); }

}  // namespace togglewise::cli
