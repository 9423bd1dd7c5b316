// How delays by weight value stand in result files.
#pragma once

#include <nlohmann/json.hpp>

#include "sim/energy/network_delays.h"
#include "sim/energy/weight_delays.h"

namespace togglewise::energy {

constexpr int kDelaysFormatVersion = 1;

// The member "delays" of a `delays.json`.
nlohmann::ordered_json weight_delays_json(const WeightDelays& delays);

// A supply voltage that delays would allow.
nlohmann::ordered_json voltage_choice_json(const VoltageChoice& choice);

}  // namespace togglewise::energy
