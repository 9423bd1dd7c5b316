#include "sim/cli/progress_printer.h"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <unistd.h>

#include <fmt/format.h>

namespace togglewise::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBarCells = 20;

std::string bar(std::uint64_t done, std::uint64_t total) {
  const auto full = static_cast<std::size_t>(kBarCells * done / total);
  return std::string(full, '#') + std::string(kBarCells - full, '.');
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02d} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02d} min", whole / 3600, whole / 60 % 60);
}

// At the rate so far; nothing in the first second, when a rate means little.
std::string time_left(double seconds, std::uint64_t done, std::uint64_t total) {
  if (seconds < 1.0 || done == 0 || done >= total) return "";
  const double rest = seconds * static_cast<double>(total - done) / static_cast<double>(done);
  return ", about " + duration_text(rest) + " left";
}

struct Printer {
  std::mutex mutex;
  bool terminal = ::isatty(STDERR_FILENO) == 1;
  std::string step;
  std::uint64_t quarters = 0;
  std::uint64_t most = 0;
  std::size_t width = 0;  // of the line on the terminal: a shorter one must cover it
  Clock::time_point start;
  Clock::time_point last;

  void report(const std::string& name, std::uint64_t done, std::uint64_t total) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (name != step) {
      step = name;
      quarters = 0;
      most = 0;
      width = 0;
      start = Clock::now();
      last = {};
    }
    if (total == 0 || done < most) return;  // a slower thread reports late
    most = done;
    const bool end = done >= total;
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const std::string left = time_left(seconds, done, total);
    if (terminal) {
      if (!end && Clock::now() - last < std::chrono::milliseconds(100)) return;
      last = Clock::now();
      const std::string line =
          fmt::format("  {} [{}] {:3d} %{}", name, bar(done, total), 100 * done / total, left);
      fmt::print(stderr, "\r{:<{}}{}", line, width, end ? "\n" : "");
      width = line.size();
      std::fflush(stderr);
    } else if (4 * done / total > quarters) {
      quarters = 4 * done / total;
      fmt::print(stderr, "  {} {:3d} %{}\n", name, 100 * done / total, left);
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
