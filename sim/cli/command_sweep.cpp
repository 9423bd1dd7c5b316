#include <functional>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/sweep_workloads.h"
#include "sim/report/html_sweep.h"
#include "sim/report/number_format.h"
#include "sim/sweep/journal.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep_files.h"
#include "sim/sweep/sweep_run.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path file;
  bool dry_run = false;
  bool seed_given = false;
};

constexpr std::uint64_t kPointsListed = 10;

std::unique_ptr<sweep::PreparedSweep> prepare(const Options& options) {
  sweep::SweepFile file = sweep::read_sweep_file(options.file);
  if (options.seed_given) file.run.seed = options.seed;
  return std::make_unique<sweep::PreparedSweep>(
      std::move(file), sweep_workload_loader(options.thread_count()), options.thread_count());
}

std::string duration_text(double seconds) {
  if (seconds < 60) return report::format_digits(seconds, 2) + " s";
  if (seconds < 3600) return report::format_digits(seconds / 60, 2) + " minutes";
  return report::format_digits(seconds / 3600, 2) + " hours";
}

void print_dry_run(sweep::PreparedSweep& sweep, const Options& options) {
  const sweep::SweepPlan& plan = sweep.plan();
  const sweep::Journal journal(options.out, sweep::Journal::Mode::read_only);
  const std::uint64_t left = sweep.unfinished(journal).size();
  fmt::print("{}: {} points on {}\n", plan.file().name, report::format_count(plan.size()),
             plan.base().name);
  for (std::uint64_t i = 0; i < std::min(plan.size(), kPointsListed); ++i) {
    fmt::print("  {:>3}  {}\n", i, sweep::point_label(plan, plan.point(i)));
  }
  if (plan.size() > kPointsListed) {
    fmt::print("  … {} more\n", report::format_count(plan.size() - kPointsListed));
  }
  fmt::print("Finished in {}: {}; to compute: {}\n", options.out.string(),
             report::format_count(plan.size() - left), report::format_count(left));
  const sweep::SweepRunParams params{options.thread_count()};
  fmt::print("Estimated time: {} on {} threads\n",
             duration_text(sweep::estimate_seconds(sweep, journal, params)), params.threads);
}

// A sweep about to run: nothing is wrong with its input, and its folder is this process's alone.
struct ReadySweep {
  explicit ReadySweep(const Options& options)
      : sweep(prepare(options)), journal(options.out, sweep::Journal::Mode::append) {}
  std::unique_ptr<sweep::PreparedSweep> sweep;
  sweep::Journal journal;
};

// Null when only the plan was asked for. The other ranks wait until rank 0 has checked everything.
std::unique_ptr<ReadySweep> prepare_on_rank_0(const Options& options, sweep::Ranks& ranks) {
  try {
    if (!options.dry_run) {
      require_writable_directory(options.out);
      return std::make_unique<ReadySweep>(options);
    }
    print_dry_run(*prepare(options), options);
    sweep::dismiss_ranks(ranks);
    return nullptr;
  } catch (...) {
    sweep::dismiss_ranks(ranks);
    throw;
  }
}

void run_sweep(ReadySweep& ready, const Options& options, sweep::Ranks& ranks) {
  announce(fmt::format("{} points{}", report::format_count(ready.sweep->plan().size()),
                       ranks.size() > 1 ? fmt::format(" on {} ranks", ranks.size()) : ""));
  const Stopwatch watch;
  const sweep::SweepRunStatistics statistics = sweep::run_points(
      *ready.sweep, ready.journal, ranks, {options.thread_count()}, make_progress_printer());
  const double seconds = watch.seconds();
  const report::SweepPage page = sweep::summarize(*ready.sweep, ready.journal);
  const sweep::SweepFiles files =
      sweep::write_sweep_files(*ready.sweep, ready.journal, page, options.out);
  fmt::print("{}: {} points, {} computed now in {} ({} points/s), {} finished before\n\n{}",
             page.name, report::format_count(statistics.points),
             report::format_count(statistics.computed), duration_text(seconds),
             report::format_digits(static_cast<double>(statistics.computed) / seconds, 3),
             report::format_count(statistics.finished_before), report::sweep_text(page));
  fmt::print("\nResults: {}, {}, {}\n", files.csv.string(), files.json.string(),
             files.html.string());
}

void run(const Options& options) {
  const std::unique_ptr<sweep::Ranks> ranks = sweep::join_ranks();
  if (ranks->rank() > 0) {
    sweep::serve_points([&] { return prepare(options); }, *ranks, options.thread_count());
    return;
  }
  const std::unique_ptr<ReadySweep> ready = prepare_on_rank_0(options, *ranks);
  if (ready) run_sweep(*ready, options, *ranks);
}

}  // namespace

void add_sweep_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "sweep", "every combination of a sweep file's values; goes on after a kill; mpirun -n N");
  const auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "sweep (YAML), such as hw_configs/sweeps/*.yaml")
      ->required();
  command->add_flag("--dry-run", options->dry_run,
                    "say how many points there are and how long they will take, and stop");
  add_common_options(*command, *options);
  command->callback([options, command] {
    options->seed_given = command->count("--seed") > 0;
    run(*options);
  });
}

}  // namespace togglewise::cli
