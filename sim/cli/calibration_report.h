// What `calibrate` says of the MAC, its library and the tables it made.
#pragma once

#include <filesystem>
#include <string>

#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

struct CalibrationRun {
  std::uint64_t seed = 1;
  std::filesystem::path traces_file;
  const network::Traces* traces = nullptr;
  double seconds = 0;
};

report::Json calibration_json(const CalibrationRun& run, const energy::MacHardware& hardware,
                              const energy::EnergyTables& tables);
std::string calibration_text(const energy::MacHardware& hardware,
                             const energy::EnergyTables& tables);

}  // namespace togglewise::cli
