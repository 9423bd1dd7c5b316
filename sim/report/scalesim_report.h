// SCALE-Sim's three report files, byte for byte as SCALE-Sim v3 writes them, for scripts that read
// them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/topology/scalesim_run.h"

namespace togglewise::report {

// Columns are parted by ", ", every line ends with ",", cycles are written as Python writes floats
// ("33.0"), and LayerID counts from 0.
std::string scalesim_compute_csv(const std::vector<topology::ScaleSimLayer>& layers);
std::string scalesim_bandwidth_csv(const std::vector<topology::ScaleSimLayer>& layers);
std::string scalesim_access_csv(const std::vector<topology::ScaleSimLayer>& layers);

// COMPUTE_REPORT.csv, BANDWIDTH_REPORT.csv and DETAILED_ACCESS_REPORT.csv in `directory`.
void write_scalesim_reports(const std::vector<topology::ScaleSimLayer>& layers,
                            const std::filesystem::path& directory);

}  // namespace togglewise::report
