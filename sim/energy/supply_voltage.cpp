#include "sim/energy/supply_voltage.h"

#include <algorithm>
#include <cmath>

namespace togglewise::energy {
namespace {

using Voltage = config::HardwareConfig::Voltage;

double interpolated(const std::vector<Voltage::Point>& points, double supply_v) {
  std::size_t upper = 1;
  while (upper + 1 < points.size() && points[upper].supply_v < supply_v) ++upper;
  const Voltage::Point& a = points[upper - 1];
  const Voltage::Point& b = points[upper];
  return a.factor + (b.factor - a.factor) * (supply_v - a.supply_v) / (b.supply_v - a.supply_v);
}

double relative_delay(const Voltage& voltage, double supply_v) {
  if (!voltage.delay_factor.empty()) return interpolated(voltage.delay_factor, supply_v);
  return supply_v / std::pow(supply_v - voltage.threshold_v, voltage.alpha);
}

}  // namespace

double delay_factor(const Voltage& voltage, double supply_v) {
  return relative_delay(voltage, supply_v) / relative_delay(voltage, voltage.nominal_v);
}

std::optional<SupplyVoltage> lowest_supply(const Voltage& voltage, double delay_ps,
                                           double clock_ps) {
  if (delay_ps > clock_ps) return std::nullopt;
  const auto meets = [&](double supply_v) {
    return delay_ps * delay_factor(voltage, supply_v) <= clock_ps;
  };
  SupplyVoltage result;
  if (meets(voltage.minimum_v)) {
    result.supply_v = voltage.minimum_v;
    result.at_minimum = true;
  } else {
    // Delay falls with the voltage: `high` always meets the clock, `low` never does.
    double low = voltage.minimum_v;
    double high = voltage.nominal_v;
    for (int step = 0; step < 60; ++step) {
      const double middle = 0.5 * (low + high);
      (meets(middle) ? high : low) = middle;
    }
    result.supply_v = high;
  }
  const double ratio = result.supply_v / voltage.nominal_v;
  result.energy_factor = ratio * ratio;
  return result;
}

}  // namespace togglewise::energy
