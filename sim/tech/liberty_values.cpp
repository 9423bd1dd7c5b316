#include "sim/tech/liberty_values.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::tech {
namespace {

enum class Axis { slew, load, unknown };

Axis axis_of(const std::string& variable) {
  if (variable == "input_net_transition" || variable == "input_transition_time" ||
      variable == "related_pin_transition") {
    return Axis::slew;
  }
  // A setup or hold table has two slews; the constrained pin's takes the place of the load.
  if (variable == "total_output_net_capacitance" || variable == "constrained_pin_transition") {
    return Axis::load;
  }
  return Axis::unknown;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// SI prefix of a unit such as "pf" of base "f"; 0 where it is none.
double prefix_value(const std::string& unit, const std::string& base) {
  if (unit.size() < base.size() ||
      unit.compare(unit.size() - base.size(), base.size(), base) != 0) {
    return 0.0;
  }
  const std::string prefix = unit.substr(0, unit.size() - base.size());
  if (prefix.empty()) return 1.0;
  if (prefix == "m") return 1e-3;
  if (prefix == "u") return 1e-6;
  if (prefix == "n") return 1e-9;
  if (prefix == "p") return 1e-12;
  if (prefix == "f") return 1e-15;
  if (prefix == "a") return 1e-18;
  return 0.0;
}

}  // namespace

LibertyValues::LibertyValues(const LibertyGroup& library, std::string file)
    : file_(std::move(file)) {
  units_.time_ns = unit(library, "time_unit", "s", 1e-9) * 1e9;
  units_.voltage_v = unit(library, "voltage_unit", "v", 1.0);
  units_.leakage_nw = unit(library, "leakage_power_unit", "w", 1e-9) * 1e9;
  if (const LibertyAttribute* load = library.attribute("capacitive_load_unit")) {
    const double prefix =
        load->values.size() == 2 ? prefix_value(lower(load->values[1]), "f") : 0.0;
    if (prefix == 0.0) {
      throw Error::input("TW-LIB-003", "capacitive_load_unit cannot be understood")
          .at(file_, load->line)
          .expected("a number and pf or ff, as in (1,pf)");
    }
    units_.capacitance_ff = to_number(load->values[0], *load) * prefix * 1e15;
  }
  for (const LibertyGroup& group : library.groups) {
    if (group.name != "lu_table_template" && group.name != "power_lut_template") continue;
    TableTemplate& shape = templates_[group.first_argument()];
    for (int axis = 1; axis <= 3; ++axis) {
      const LibertyAttribute* variable = group.attribute(fmt::format("variable_{}", axis));
      if (variable == nullptr) break;
      shape.variables.push_back(text(group, variable->name));
      const LibertyAttribute* index = group.attribute(fmt::format("index_{}", axis));
      shape.indices.push_back(index == nullptr ? std::vector<double>{} : numbers(*index));
    }
  }
}

double LibertyValues::to_number(const std::string& value, const LibertyAttribute& attribute) const {
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  while (end != nullptr && std::isspace(static_cast<unsigned char>(*end)) != 0) ++end;
  if (value.empty() || *end != '\0') {
    throw Error::input("TW-LIB-003", fmt::format("{} is '{}'", attribute.name, value))
        .at(file_, attribute.line)
        .expected("a number");
  }
  return number;
}

std::vector<double> LibertyValues::numbers(const LibertyAttribute& attribute) const {
  std::vector<double> result;
  for (const std::string& row : attribute.values) {
    std::string item;
    for (std::size_t i = 0; i <= row.size(); ++i) {
      const char c = i < row.size() ? row[i] : ',';
      if (c != ',' && std::isspace(static_cast<unsigned char>(c)) == 0) {
        item += c;
      } else if (!item.empty()) {
        result.push_back(to_number(item, attribute));
        item.clear();
      }
    }
  }
  return result;
}

double LibertyValues::unit(const LibertyGroup& library, const std::string& name,
                           const std::string& base, double fallback) const {
  const LibertyAttribute* attribute = library.attribute(name);
  if (attribute == nullptr) return fallback;
  const std::string value = text(library, name);
  char* end = nullptr;
  const double count = std::strtod(value.c_str(), &end);
  const double prefix = end == value.c_str() ? 0.0 : prefix_value(lower(end), base);
  if (prefix == 0.0 || count <= 0.0) {
    throw Error::input("TW-LIB-003", fmt::format("{} is '{}'", name, value))
        .at(file_, attribute->line)
        .expected(fmt::format("a number and a unit, as in 1n{}", base));
  }
  return count * prefix;
}

double LibertyValues::number(const LibertyGroup& group, const std::string& name,
                             double fallback) const {
  const LibertyAttribute* attribute = group.attribute(name);
  return attribute == nullptr ? fallback : to_number(text(group, name), *attribute);
}

double LibertyValues::required_number(const LibertyGroup& group, const std::string& name) const {
  if (group.attribute(name) == nullptr) {
    throw Error::input("TW-LIB-003",
                       fmt::format("{} ({}) has no {}", group.name, group.first_argument(), name))
        .at(file_, group.line)
        .expected(fmt::format("{} : <number>;", name));
  }
  return number(group, name, 0.0);
}

std::string LibertyValues::text(const LibertyGroup& group, const std::string& name) const {
  const LibertyAttribute* attribute = group.attribute(name);
  return attribute == nullptr || attribute->values.empty() ? "" : attribute->values.front();
}

LookupTable LibertyValues::table(const LibertyGroup& group, const std::string& name,
                                 double value_unit) const {
  const LibertyGroup* table_group = group.group(name);
  if (table_group == nullptr) return {};
  const auto bad_table = [&](const std::string& message) {
    return Error::input("TW-LIB-005", fmt::format("table {}: {}", name, message))
        .at(file_, table_group->line);
  };
  const LibertyAttribute* values_attribute = table_group->attribute("values");
  if (values_attribute == nullptr) throw bad_table("it has no values").expected("values (…);");
  std::vector<double> values = numbers(*values_attribute);
  for (double& value : values) value *= value_unit;

  const std::string template_name = table_group->first_argument();
  if (template_name == "scalar") {
    if (values.size() != 1) throw bad_table("a scalar with several values").expected("one value");
    return {{}, {}, std::move(values)};
  }
  const auto found = templates_.find(template_name);
  if (found == templates_.end()) {
    throw bad_table(fmt::format("template '{}' is not in the library", template_name))
        .expected("a lu_table_template or power_lut_template of that name");
  }
  const TableTemplate& shape = found->second;
  if (shape.variables.empty() || shape.variables.size() > 2) {
    throw bad_table(fmt::format("template '{}' has {} axes", template_name, shape.variables.size()))
        .expected("one or two axes");
  }

  std::vector<double> slew;
  std::vector<double> load;
  std::size_t points = 1;
  for (std::size_t axis = 0; axis < shape.variables.size(); ++axis) {
    const LibertyAttribute* index = table_group->attribute(fmt::format("index_{}", axis + 1));
    std::vector<double> positions = index == nullptr ? shape.indices[axis] : numbers(*index);
    if (positions.empty() || std::adjacent_find(positions.begin(), positions.end(),
                                                std::greater_equal<>()) != positions.end()) {
      throw bad_table(fmt::format("index_{} does not ascend", axis + 1))
          .expected("ascending numbers");
    }
    points *= positions.size();
    const Axis kind = axis_of(shape.variables[axis]);
    std::vector<double>& target = kind == Axis::slew ? slew : load;
    if (kind == Axis::unknown || !target.empty()) {
      throw bad_table(fmt::format("axis '{}' is not supported", shape.variables[axis]))
          .expected("input_net_transition, input_transition_time or total_output_net_capacitance");
    }
    const double axis_unit = shape.variables[axis] == "total_output_net_capacitance"
                                 ? units_.capacitance_ff
                                 : units_.time_ns;
    for (double& position : positions) position *= axis_unit;
    target = std::move(positions);
  }
  if (values.size() != points) {
    throw bad_table(fmt::format("{} values for {} points", values.size(), points))
        .expected(fmt::format("{} values", points));
  }
  // Ours is [slew][load]; the library's first axis may be either.
  if (shape.variables.size() == 2 && axis_of(shape.variables[0]) == Axis::load) {
    std::vector<double> transposed(values.size());
    for (std::size_t l = 0; l < load.size(); ++l) {
      for (std::size_t s = 0; s < slew.size(); ++s) {
        transposed[s * load.size() + l] = values[l * slew.size() + s];
      }
    }
    values = std::move(transposed);
  }
  return {std::move(slew), std::move(load), std::move(values)};
}

}  // namespace togglewise::tech
