// Computes the points of a sweep that no earlier run has finished, on all threads and ranks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/progress.h"
#include "sim/sweep/journal.h"
#include "sim/sweep/point_evaluator.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep_plan.h"
#include "sim/sweep/sweep_workload.h"

namespace togglewise::sweep {

struct SweepRunParams {
  int threads = 1;  // of this process; 0 where other ranks do all the work
};

// A sweep ready to run: every point checked, every workload loaded, every point's key known.
class PreparedSweep {
 public:
  PreparedSweep(SweepFile file, WorkloadLoader load, int threads);

  const SweepPlan& plan() const { return plan_; }
  const WorkloadStore& workloads() const { return workloads_; }
  PointEvaluator& evaluator() { return evaluator_; }
  const std::string& key(std::uint64_t point) const { return keys_[point]; }
  std::vector<std::uint64_t> unfinished(const Journal& journal) const;

 private:
  SweepPlan plan_;
  WorkloadStore workloads_;
  PointEvaluator evaluator_;
  std::vector<std::string> keys_;
};

struct SweepRunStatistics {
  std::uint64_t points = 0;
  std::uint64_t finished_before = 0;  // by earlier runs in the same folder
  std::uint64_t computed = 0;
};

// On rank 0. Each point is in the journal as soon as it is finished.
SweepRunStatistics run_points(PreparedSweep& sweep, Journal& journal, Ranks& ranks,
                              const SweepRunParams& params,
                              const ProgressFunction& progress = no_progress);

// On the other ranks: `make` prepares the same sweep as rank 0 did, when rank 0 says so.
void serve_points(const std::function<std::unique_ptr<PreparedSweep>()>& make, Ranks& ranks,
                  int threads);
// On rank 0, when there is nothing to do for the others.
void dismiss_ranks(Ranks& ranks);

// How long the unfinished points will take on this process's threads, in seconds: from what the
// finished ones took, and by computing a few when none is finished. 0 when nothing is left.
double estimate_seconds(PreparedSweep& sweep, const Journal& journal, const SweepRunParams& params);

}  // namespace togglewise::sweep
