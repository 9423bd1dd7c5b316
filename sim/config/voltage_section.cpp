#include "sim/config/voltage_section.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace togglewise::config {
namespace {

constexpr RealRange volts{0, 100, false, true};
constexpr const char* kPointForm =
    "a list of points [volts, delay factor], such as [[1.2, 1.9], [1.8, 1]]";

double number(const YamlTree& value) {
  double result = 0;
  const char* end = value.text.data() + value.text.size();
  const auto parsed = std::from_chars(value.text.data(), end, result);
  const bool good = value.kind == YamlTree::Kind::scalar && !value.quoted &&
                    parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(result) &&
                    result > 0;
  if (good) return result;
  throw value
      .error("TW-CFG-004", fmt::format("'voltage.delay_factor' holds {}",
                                       value.yaml.empty() ? "nothing" : value.yaml))
      .expected("a number above 0");
}

}  // namespace

VoltageSection::VoltageSection(HardwareConfig::Voltage& voltage) : voltage_(voltage) {
  section.real("nominal_v", voltage.nominal_v, volts, Presence::required)
      .real("minimum_v", voltage.minimum_v, volts, Presence::required)
      .real("threshold_v", voltage.threshold_v, volts, Presence::optional)
      .real("alpha", voltage.alpha, {1, 2}, Presence::optional)
      .tree("delay_factor", points_, Presence::optional);
}

void VoltageSection::finish(const YamlDocument& document) {
  voltage_.given = voltage_.nominal_v > 0;
  if (!voltage_.given) return;
  if (voltage_.minimum_v > voltage_.nominal_v) {
    throw document
        .error_at("voltage.minimum_v", "TW-CFG-013",
                  fmt::format("'voltage.minimum_v' is {} and 'voltage.nominal_v' {}",
                              voltage_.minimum_v, voltage_.nominal_v))
        .expected("a minimum that is not above the nominal voltage");
  }
  const bool power_law = voltage_.threshold_v > 0 && voltage_.alpha > 0;
  const bool part_of_it = voltage_.threshold_v > 0 || voltage_.alpha > 0;
  const bool table = points_.kind != YamlTree::Kind::empty;
  if (power_law == table || part_of_it != power_law) {
    throw document
        .error_at("voltage.nominal_v", "TW-CFG-013",
                  "'voltage' does not say in one way how delays depend on it")
        .expected("threshold_v and alpha, or delay_factor alone");
  }
  if (power_law) return check_power_law(document);
  read_points();
  check_points(document);
}

void VoltageSection::check_power_law(const YamlDocument& document) const {
  if (voltage_.minimum_v > voltage_.threshold_v) return;
  throw document
      .error_at("voltage.minimum_v", "TW-CFG-013",
                fmt::format("'voltage.minimum_v' is {} and the threshold {}", voltage_.minimum_v,
                            voltage_.threshold_v))
      .expected("a minimum above the threshold voltage: cells do not switch below it");
}

void VoltageSection::read_points() {
  if (points_.kind != YamlTree::Kind::list || points_.elements.size() < 2) {
    throw points_.error("TW-CFG-004", fmt::format("'voltage.delay_factor' is {}", points_.yaml))
        .expected(kPointForm);
  }
  for (const YamlTree& point : points_.elements) {
    if (point.kind != YamlTree::Kind::list || point.elements.size() != 2) {
      throw point.error("TW-CFG-004", fmt::format("'voltage.delay_factor' holds {}", point.yaml))
          .expected(kPointForm);
    }
    voltage_.delay_factor.push_back({number(point.elements[0]), number(point.elements[1])});
    const std::size_t points = voltage_.delay_factor.size();
    if (points < 2) continue;
    const HardwareConfig::Voltage::Point& before = voltage_.delay_factor[points - 2];
    const HardwareConfig::Voltage::Point& here = voltage_.delay_factor[points - 1];
    if (here.supply_v > before.supply_v && here.factor < before.factor) continue;
    throw point.error("TW-CFG-013", fmt::format("the point {} does not follow on", point.yaml))
        .expected("ascending voltages with descending delay factors");
  }
}

void VoltageSection::check_points(const YamlDocument& document) const {
  const double low = voltage_.delay_factor.front().supply_v;
  const double high = voltage_.delay_factor.back().supply_v;
  for (const auto& [key, supply_v] :
       {std::pair<const char*, double>{"minimum_v", voltage_.minimum_v},
        {"nominal_v", voltage_.nominal_v}}) {
    if (supply_v >= low && supply_v <= high) continue;
    throw document
        .error_at(
            fmt::format("voltage.{}", key), "TW-CFG-013",
            fmt::format("'voltage.{}' is {}, outside of the points of delay_factor", key, supply_v))
        .expected(fmt::format("{} to {}", low, high));
  }
}

}  // namespace togglewise::config
