// What a sweep leaves for people and scripts: sweep.csv, sweep.json and sweep.html. Nothing in them
// depends on threads, ranks, earlier runs or the time of day.
#pragma once

#include <filesystem>
#include <string>

#include "sim/report/html_sweep.h"
#include "sim/sweep/journal.h"
#include "sim/sweep/sweep_run.h"

namespace togglewise::sweep {

struct SweepFiles {
  std::filesystem::path csv;   // a line per point and layer, and one per point for all layers
  std::filesystem::path json;  // the same, with what was run
  std::filesystem::path html;
};

// The points of a finished sweep as the page and the console show them.
report::SweepPage summarize(const PreparedSweep& sweep, const Journal& journal);

// Every point must be in the journal. Throws TW-SWEEP-012 when not one point was possible, and
// TW-FILE-002.
SweepFiles write_sweep_files(const PreparedSweep& sweep, const Journal& journal,
                             const report::SweepPage& page, const std::filesystem::path& out);

}  // namespace togglewise::sweep
