// energy.json of `export-activity`: our number for exactly the activity that the files hold.
#pragma once

#include <cstdint>
#include <string>

#include "sim/cli/activity_export.h"
#include "sim/cli/activity_selection.h"
#include "sim/cli/workload_source.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

struct ActivityRun {
  std::uint64_t seed = 0;
  const config::HardwareConfig* hardware = nullptr;
  const WorkloadSource* source = nullptr;
  const ActivitySelection* selection = nullptr;
  const ActivityExportParams* params = nullptr;
  const ActivityRequest* request = nullptr;
};

report::Json activity_json(const ActivityRun& run, const energy::MacHardware& hardware,
                           const ActivityExport& result);

// A table of components for the terminal.
std::string activity_text(const ActivityRun& run, const ActivityExport& result);

}  // namespace togglewise::cli
