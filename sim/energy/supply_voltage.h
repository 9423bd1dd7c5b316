// What a shorter path is worth: the supply voltage at which it still meets the clock, and what a
// toggle costs there. The relation between delay and voltage is the configuration's (section
// `voltage`): a Liberty file holds for one voltage only.
#pragma once

#include <optional>

#include "sim/config/hardware_config.h"

namespace togglewise::energy {

// Delay at `supply_v` over that at the nominal voltage, above the threshold voltage or within the
// table's points. Alpha-power law: delay ∝ V / (V − V_t)^α (T. Sakurai, A. R. Newton, IEEE JSSC
// 25(2), 1990); between the points of a table, straight lines.
double delay_factor(const config::HardwareConfig::Voltage& voltage, double supply_v);

struct SupplyVoltage {
  double supply_v = 0;
  double energy_factor = 1;  // of what C·V² explains: (V / nominal V)²; leakage has no part in it
  bool at_minimum = false;   // the clock would allow less, the configuration does not
};

// The lowest voltage, not below the configuration's minimum, at which a path of `delay_ps` (at the
// nominal voltage) takes no more than `clock_ps`. Absent where not even the nominal voltage does.
std::optional<SupplyVoltage> lowest_supply(const config::HardwareConfig::Voltage& voltage,
                                           double delay_ps, double clock_ps);

}  // namespace togglewise::energy
