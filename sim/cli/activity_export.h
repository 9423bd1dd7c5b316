// The run of `export-activity`: records the chosen PEs and writes everything that a power tool
// needs to repeat our number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/activity/activity_energy.h"
#include "sim/base/progress.h"
#include "sim/cli/activity_selection.h"
#include "sim/energy/mac_hardware.h"

namespace togglewise::cli {

struct ActivityExportParams {
  bool saif = true;
  bool vcd = false;
  bool cell_pins = false;                     // SAIF: the pins of every cell too
  std::uint64_t limit_bytes = 1'000'000'000;  // of one file
  std::filesystem::path out;
  int threads = 1;
};

struct ActivityPe {
  activity::TilePe position;
  activity::ActivityEnergy energy;
};

struct ActivityExport {
  activity::Timeline timeline;
  std::vector<ActivityPe> pes;
  activity::ToggleSums sums;                   // over all PEs
  std::vector<std::uint64_t> settled_toggles;  // per net: without glitches
  activity::EnergySummary energy;
  double clock_fj = 0.0;  // of all exported MACs over the whole time
  double leakage_fj = 0.0;
  std::vector<std::string> files;
};

// Throws TW-ACT-007 when a file would be larger than the limit, TW-ACT-008 when changes come later
// than a clock period, and TW-ACT-009 when the gate engine counts other toggles.
ActivityExport export_activity(const energy::MacHardware& hardware,
                               const ActivitySelection& selection,
                               const ActivityExportParams& params,
                               const ProgressFunction& progress);

}  // namespace togglewise::cli
