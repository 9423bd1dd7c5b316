// A network's energy as console text, CSV and JSON: the same numbers in each.
#pragma once

#include <string>

#include "sim/energy/energy_sources.h"
#include "sim/energy/network_energy.h"
#include "sim/report/result_json.h"

namespace togglewise::report {

// A table of the layers, the totals per image, and the breakdown by component in percent.
std::string network_text(const energy::NetworkEnergy& network, double clock_period_ps);

// One line per layer and a last one named "total"; the unit is in every column's name. Names are
// quoted as RFC 4180 says.
std::string network_csv(const energy::NetworkEnergy& network, double clock_period_ps);

// The "layers" array and the "total" object of simulate.json; validate.json embeds the same.
Json layers_json(const energy::NetworkEnergy& network, double clock_period_ps);
// What the intervals are over; {"absent": "one image: no interval"} where there is none.
Json interval_json(const energy::NetworkEnergy& network);
std::string no_interval_text(const energy::NetworkEnergy& network);
// [{"line", "kind", "source"}]
Json sources_json(const std::vector<energy::EnergySource>& sources);
Json total_json(const energy::NetworkEnergy& network, double clock_period_ps);

}  // namespace togglewise::report
