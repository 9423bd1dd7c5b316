#include "sim/tech/liberty_table.h"

#include <algorithm>
#include <functional>
#include <limits>

#include <fmt/format.h>

namespace togglewise::tech {
namespace {

enum class AxisKind { slew, load, other_load, unknown };

AxisKind kind_of(const std::string& variable) {
  if (variable == "input_net_transition" || variable == "input_transition_time" ||
      variable == "related_pin_transition") {
    return AxisKind::slew;
  }
  // A setup or hold table has two slews; the constrained pin's takes the place of the load.
  if (variable == "total_output_net_capacitance" || variable == "constrained_pin_transition") {
    return AxisKind::load;
  }
  if (variable == "related_out_total_output_net_capacitance" ||
      variable == "equal_or_opposite_output_net_capacitance") {
    return AxisKind::other_load;
  }
  return AxisKind::unknown;
}

// At most one slew, one load, and one load of another output.
bool is_supported(const std::vector<AxisKind>& kinds) {
  const auto count = [&](AxisKind kind) { return std::count(kinds.begin(), kinds.end(), kind); };
  return count(AxisKind::unknown) == 0 && count(AxisKind::slew) <= 1 &&
         count(AxisKind::load) <= 1 && count(AxisKind::other_load) <= 1;
}

constexpr const char* kTemplateExpected = "a lu_table_template or power_lut_template of that name";

}  // namespace

// The axes of one table, first the one that varies slowest in the list of values.
struct LibertyTables::Shape {
  std::vector<std::string> variables;
  std::vector<std::vector<double>> indices;
  std::vector<AxisKind> kinds;

  bool has_other_load() const {
    return std::find(kinds.begin(), kinds.end(), AxisKind::other_load) != kinds.end();
  }
  std::string name() const { return fmt::format("{}", fmt::join(variables, " × ")); }
};

Error LibertyTables::bad_table(const LibertyGroup& table, const std::string& message) const {
  return values_.bad("TW-LIB-005", fmt::format("table {}: {}", table.name, message),
                     table.position);
}

LookupTable LibertyTables::read(const LibertyGroup& group, std::string_view name, TemplateKind kind,
                                double value_unit) {
  const LibertyGroup* const table = group.group(name);
  if (table == nullptr) return {};
  const LibertyAttribute* const attribute = table->attribute("values");
  if (attribute == nullptr) {
    throw bad_table(*table, "it has no values").expected("values (…);");
  }
  std::vector<std::size_t> row_lengths;
  std::vector<double> values = values_.numbers(*attribute, row_lengths);
  for (double& value : values) value *= value_unit;
  if (values.empty()) {
    throw bad_table(*table, "its values are empty").expected("at least one number");
  }
  const std::string template_name = table->argument();
  const bool has_axes = table->attribute("variable_1") != nullptr;
  if (template_name == "scalar" || (template_name.empty() && !has_axes && values.size() == 1)) {
    if (values.size() != 1) {
      throw bad_table(*table, "a scalar with several values").expected("one value");
    }
    return LookupTable::with_axes(nullptr, nullptr, std::move(values));
  }
  const Shape shape = shape_of(*table, kind);
  if (!is_supported(shape.kinds)) {
    notes_.add(NoteKind::skipped_table, shape.name(), table->position.line);
    return {};
  }
  if (shape.has_other_load()) {
    notes_.add(NoteKind::reduced_table, shape.name(), table->position.line);
  }
  return arrange(*table, shape, std::move(values), row_lengths);
}

// From the table's template, or from the table itself where it names its variables.
LibertyTables::Shape LibertyTables::shape_of(const LibertyGroup& table, TemplateKind kind) const {
  Shape shape;
  const std::string name = table.argument();
  if (const TableTemplate* found = head_.table_template(name, kind)) {
    shape.variables = found->variables;
    shape.indices = found->indices;
  } else {
    for (int axis = 1; table.attribute(fmt::format("variable_{}", axis)) != nullptr; ++axis) {
      shape.variables.push_back(LibertyValues::text(table, fmt::format("variable_{}", axis)));
    }
    shape.indices.resize(shape.variables.size());
    if (shape.variables.empty() && name.empty()) {
      throw bad_table(table, "it has several values and no template")
          .expected("the name of a template in its parentheses");
    }
    if (shape.variables.empty()) {
      throw bad_table(table, fmt::format("template '{}' is not in the library", name))
          .expected(kTemplateExpected);
    }
  }
  if (shape.variables.empty()) {
    throw bad_table(table, fmt::format("template '{}' has no axes", name))
        .expected("variable_1 in the template");
  }
  for (const std::string& variable : shape.variables) shape.kinds.push_back(kind_of(variable));
  return shape;
}

std::vector<double> LibertyTables::axis_points(const LibertyGroup& table, const Shape& shape,
                                               std::size_t axis) const {
  const std::string name = fmt::format("index_{}", axis + 1);
  const LibertyAttribute* const index = table.attribute(name);
  std::vector<double> points = index == nullptr ? shape.indices[axis] : values_.numbers(*index);
  const char* problem = nullptr;
  if (points.empty()) {
    problem = "is missing";
  } else if (std::adjacent_find(points.begin(), points.end(), std::greater_equal<>()) !=
             points.end()) {
    problem = "does not ascend";
  }
  if (problem != nullptr) {
    throw bad_table(table, fmt::format("{} {}", name, problem)).expected("ascending numbers");
  }
  return points;
}

// Into [slew][load], whatever the library's order; another output's load stays at its first point.
LookupTable LibertyTables::arrange(const LibertyGroup& table, const Shape& shape,
                                   std::vector<double> values,
                                   const std::vector<std::size_t>& row_lengths) {
  const std::size_t axes = shape.kinds.size();
  std::vector<std::vector<double>> points;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    points.push_back(axis_points(table, shape, axis));
  }
  std::size_t total = 1;  // saturating: a product that overflows fits no list of values
  for (const std::vector<double>& axis : points) {
    constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
    total = axis.size() > kMost / total ? kMost : total * axis.size();
  }
  if (values.size() != total) {
    throw bad_table(table, fmt::format("{} values for {} points", values.size(), total))
        .expected(fmt::format("{} values", total));
  }
  // The values may stand in one string, one string a row, or one string each.
  if (std::adjacent_find(row_lengths.begin(), row_lengths.end(), std::not_equal_to<>()) !=
      row_lengths.end()) {
    throw bad_table(table, "its rows differ in length")
        .expected(fmt::format("rows of {} values", points.back().size()));
  }
  LookupTable::Axis slew;
  LookupTable::Axis load;
  std::size_t slew_stride = 0;
  std::size_t load_stride = 0;
  std::size_t stride = total;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    stride /= points[axis].size();
    const bool is_capacitance = shape.variables[axis] == "total_output_net_capacitance";
    const double unit = is_capacitance ? head_.units().capacitance_ff : head_.units().time_ns;
    if (shape.kinds[axis] == AxisKind::slew) {
      slew = shared(std::move(points[axis]), unit);
      slew_stride = stride;
    } else if (shape.kinds[axis] == AxisKind::load) {
      load = shared(std::move(points[axis]), unit);
      load_stride = stride;
    }
  }
  const std::size_t rows = slew == nullptr ? 1 : slew->size();
  const std::size_t columns = load == nullptr ? 1 : load->size();
  if (!shape.has_other_load() && (slew_stride > load_stride || axes == 1)) {
    return LookupTable::with_axes(std::move(slew), std::move(load), std::move(values));
  }
  std::vector<double> arranged;
  arranged.reserve(rows * columns);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      arranged.push_back(values[row * slew_stride + column * load_stride]);
    }
  }
  return LookupTable::with_axes(std::move(slew), std::move(load), std::move(arranged));
}

LookupTable::Axis LibertyTables::shared(std::vector<double> points, double unit) {
  for (double& point : points) point *= unit;
  LookupTable::Axis& axis = axes_[points];
  if (axis == nullptr) axis = std::make_shared<const std::vector<double>>(std::move(points));
  return axis;
}

}  // namespace togglewise::tech
