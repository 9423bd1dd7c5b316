#include "sim/tech/liberty_head.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace togglewise::tech {
namespace {

constexpr int kMaxAxes = 4;

constexpr std::array<std::string_view, 4> kDefaults{
    "default_cell_leakage_power", "default_input_pin_cap", "default_output_pin_cap",
    "default_inout_pin_cap"};

}  // namespace

bool LibertyHead::read(const LibertyAttribute& attribute) {
  const std::string_view name = attribute.name;
  if (name == "time_unit") {
    units_.time_ns = values_.unit(attribute, "s") * 1e9;
  } else if (name == "voltage_unit") {
    units_.voltage_v = values_.unit(attribute, "v");
  } else if (name == "leakage_power_unit") {
    units_.leakage_nw = values_.unit(attribute, "w") * 1e9;
  } else if (name == "capacitive_load_unit") {
    units_.capacitance_ff = values_.capacitance_unit(attribute) * 1e15;
  } else if (std::find(kDefaults.begin(), kDefaults.end(), name) != kDefaults.end()) {
    const double value = values_.number(attribute);
    if (value < 0.0) {
      throw values_
          .bad("TW-LIB-003", fmt::format("{} is {}", name, value),
               attribute.values.front().position)
          .expected("0 or a positive number");
    }
    defaults_[std::string(name)] = value;
  } else {
    if (name == "nom_voltage") nominal_voltage_ = values_.number(attribute);
    if (name == "nom_temperature") nominal_temperature_ = values_.number(attribute);
    if (name == "default_operating_conditions" && !attribute.values.empty()) {
      default_conditions_ = attribute.values.front().text();
    }
    return false;
  }
  return true;
}

bool LibertyHead::read(const LibertyGroup& group) {
  if (group.name == "operating_conditions") {
    OperatingConditions conditions{group.argument(), {}, {}};
    if (const LibertyAttribute* voltage = group.attribute("voltage")) {
      conditions.voltage = values_.number(*voltage);
    }
    if (const LibertyAttribute* temperature = group.attribute("temperature")) {
      conditions.temperature_celsius = values_.number(*temperature);
    }
    conditions_.push_back(std::move(conditions));
    return false;
  }
  const bool is_power = group.name == "power_lut_template";
  if (!is_power && group.name != "lu_table_template") return false;
  TableTemplate shape;
  for (int axis = 1; axis <= kMaxAxes; ++axis) {
    const LibertyAttribute* variable = group.attribute(fmt::format("variable_{}", axis));
    if (variable == nullptr) break;
    shape.variables.push_back(LibertyValues::text(group, variable->name));
    const LibertyAttribute* index = group.attribute(fmt::format("index_{}", axis));
    shape.indices.push_back(index == nullptr ? std::vector<double>{} : values_.numbers(*index));
  }
  templates_[is_power ? 1 : 0][group.argument()] = std::move(shape);
  return true;
}

double LibertyHead::default_number(std::string_view attribute) const {
  const auto found = defaults_.find(attribute);
  return found == defaults_.end() ? 0.0 : found->second;
}

const TableTemplate* LibertyHead::table_template(const std::string& name, TemplateKind kind) const {
  const std::size_t own = kind == TemplateKind::power ? 1 : 0;
  for (const std::size_t place : {own, 1 - own}) {
    const auto found = templates_[place].find(name);
    if (found != templates_[place].end()) return &found->second;
  }
  return nullptr;
}

const OperatingConditions* LibertyHead::default_conditions() const {
  for (const OperatingConditions& conditions : conditions_) {
    if (conditions.name == default_conditions_) return &conditions;
  }
  return conditions_.empty() ? nullptr : &conditions_.front();
}

std::optional<double> LibertyHead::voltage() const {
  std::optional<double> volts = nominal_voltage_;
  const OperatingConditions* conditions = default_conditions();
  if (volts.value_or(0.0) == 0.0 && conditions != nullptr) volts = conditions->voltage;
  if (volts.value_or(0.0) <= 0.0) return std::nullopt;
  return *volts * units_.voltage_v;
}

double LibertyHead::temperature_celsius() const {
  const OperatingConditions* conditions = default_conditions();
  if (nominal_temperature_) return *nominal_temperature_;
  return conditions == nullptr ? 25.0 : conditions->temperature_celsius.value_or(25.0);
}

}  // namespace togglewise::tech
