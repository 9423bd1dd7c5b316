// What `calibrate` says of the MAC, its library and the tables it made.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

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

// What was made for one timing.
struct CalibratedTables {
  const energy::MacHardware* hardware = nullptr;
  const energy::EnergyTables* tables = nullptr;
  std::filesystem::path file;
  double seconds = 0;
};

// The first result's figures, and for every result what its tables are worth ("tables").
report::Json calibration_json(const CalibrationRun& run,
                              const std::vector<CalibratedTables>& results);
std::string calibration_text(const std::vector<CalibratedTables>& results);

}  // namespace togglewise::cli
