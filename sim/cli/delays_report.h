// The results of `delays`: JSON, CSV and text from the same numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/config/hardware_config.h"
#include "sim/energy/network_delays.h"
#include "sim/energy/weight_delays.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

// What a limit permits.
struct DelayLimit {
  double limit_ps = 0;
  std::optional<double> percent;  // of the longest delay of any value, where it was given so
  energy::DelayChoice choice;
  std::vector<int> values;
};

struct DelaysRun {
  std::uint64_t seed = 0;
  const config::HardwareConfig* hardware = nullptr;
  energy::WeightDelays delays;
  std::string traces_file;  // "" without
  std::optional<DelayLimit> limit;
  std::optional<report::ModelIdentity> model;
  energy::NetworkDelays network;              // where there is a model
  std::vector<energy::VoltageChoice> supply;  // where the configuration has a section `voltage`
  double seconds = 0;
};

report::Json delays_json(const DelaysRun& run);
std::string delays_csv(const energy::WeightDelays& delays);
std::string delays_text(const DelaysRun& run);

}  // namespace togglewise::cli
