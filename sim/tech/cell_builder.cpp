#include "sim/tech/cell_builder.h"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/tech/cell_functions.h"

namespace togglewise::tech {
namespace {

// "A B", "A, B" → A and B; one empty name where the file gives none.
std::vector<std::string> pin_list(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t begin = text.find_first_not_of(" ,\t"); begin != std::string::npos;) {
    const std::size_t end = text.find_first_of(" ,\t", begin);
    names.push_back(text.substr(begin, end - begin));
    begin = end == std::string::npos ? end : text.find_first_not_of(" ,\t", end);
  }
  if (names.empty()) names.emplace_back();
  return names;
}

std::string rail_of(const LibertyGroup& group) {
  const std::string rail = LibertyValues::text(group, "related_pg_pin");
  return rail.empty() ? LibertyValues::text(group, "power_level") : rail;
}

std::optional<TruthTable> when_function(const std::string& when,
                                        const std::vector<std::string>& inputs) {
  if (when.empty()) return std::nullopt;
  try {
    return parse_boolean_function(when, inputs);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace

LibraryCell CellBuilder::build(const LibertyGroup& group) {
  LibraryCell cell;
  cell.name = group.argument();
  cell.line = group.position.line;
  if (cell.name.empty()) {
    throw values_.bad("TW-LIB-003", "a cell without a name", group.position)
        .expected("cell (<name>) { … }");
  }
  cell.area = values_.magnitude(group, "area", 0.0);
  cell.dont_use = LibertyValues::is_true(group, "dont_use");
  add_pins(cell, group);
  set_functions(cell, group, values_);
  set_when_functions(cell);
  const CellStates states(cell);
  for (LibraryPin& pin : cell.pins) set_shares(pin, states);
  set_leakage(cell, group);
  if (!cell.unsupported_reason.empty()) {
    notes_.add(NoteKind::unusable_cell, cell.unsupported_reason, cell.line);
  }
  return cell;
}

void CellBuilder::add_pins(LibraryCell& cell, const LibertyGroup& group) {
  for (const LibertyGroup& child : group.groups) {
    if (child.name == "bus" || child.name == "bundle") {
      notes_.add(NoteKind::bus_pins, child.name, child.position.line);
    }
    if (child.name != "pin") continue;
    if (child.arguments.empty()) {
      throw values_
          .bad("TW-LIB-003", fmt::format("cell {}: a pin without a name", cell.name),
               child.position)
          .expected("pin (<name>) { … }");
    }
    const std::size_t first = cell.pins.size();
    for (std::size_t i = 0; i < child.arguments.size(); ++i) {
      const std::string name = child.argument(i);
      if (cell.pin_index(name) >= 0) {
        throw values_
            .bad("TW-LIB-009", fmt::format("cell {} has two pins {}", cell.name, name),
                 child.arguments[i].position)
            .expected("each pin once");
      }
      cell.pins.push_back(i == 0 ? build_pin(child) : LibraryPin(cell.pins[first]));
      cell.pins.back().name = name;
    }
  }
  for (std::size_t i = 0; i < cell.pins.size(); ++i) {
    const PinDirection direction = cell.pins[i].direction;
    if (direction == PinDirection::input) cell.inputs.push_back(static_cast<int>(i));
    if (direction == PinDirection::output) cell.outputs.push_back(static_cast<int>(i));
  }
}

LibraryPin CellBuilder::build_pin(const LibertyGroup& group) {
  LibraryPin pin;
  const std::string direction = LibertyValues::text(group, "direction");
  const char* default_capacitance = "default_inout_pin_cap";
  if (direction == "input") {
    pin.direction = PinDirection::input;
    default_capacitance = "default_input_pin_cap";
  } else if (direction == "output") {
    pin.direction = PinDirection::output;
    default_capacitance = "default_output_pin_cap";
  } else if (!direction.empty() && direction != "inout" && direction != "internal") {
    throw values_
        .bad("TW-LIB-003",
             fmt::format("the direction of pin {} is '{}'", group.argument(), direction),
             group.attribute("direction")->values.front().position)
        .expected("input, output, inout or internal");
  }
  // Libraries with different capacitances for rise and fall may leave their mean out.
  const double edge = (values_.magnitude(group, "rise_capacitance", 0.0) +
                       values_.magnitude(group, "fall_capacitance", 0.0)) /
                      2.0;
  const double fallback = edge > 0.0 ? edge : head_.default_number(default_capacitance);
  pin.capacitance_ff =
      values_.magnitude(group, "capacitance", fallback) * head_.units().capacitance_ff;
  pin.is_clock = LibertyValues::is_true(group, "clock");
  pin.function_text = LibertyValues::text(group, "function");
  std::vector<RailPower> powers;
  for (const LibertyGroup& child : group.groups) {
    if (child.name == "internal_power") add_power(child, powers);
    if (child.name == "timing") add_timing(child, pin.timing);
  }
  pin.internal_power = merge_rails(std::move(powers));
  return pin;
}

void CellBuilder::add_power(const LibertyGroup& group, std::vector<RailPower>& groups) {
  const double unit = head_.units().energy_fj();
  InternalPower power;
  power.when = LibertyValues::text(group, "when");
  power.rise_fj = tables_.read(group, "rise_power", TemplateKind::power, unit);
  power.fall_fj = tables_.read(group, "fall_power", TemplateKind::power, unit);
  // One table for both edges: each of them is one of the transitions it describes.
  LookupTable both = tables_.read(group, "power", TemplateKind::power, unit);
  if (!both.empty()) power.rise_fj = power.fall_fj = std::move(both);
  if (power.rise_fj.empty() && power.fall_fj.empty()) return;
  const std::vector<std::string> related_pins = pin_list(LibertyValues::text(group, "related_pin"));
  const std::string rail = rail_of(group);
  for (std::size_t i = 1; i < related_pins.size(); ++i) {
    groups.push_back({rail, power});
    groups.back().power.related_pin = related_pins[i - 1];
  }
  power.related_pin = related_pins.back();
  groups.push_back({rail, std::move(power)});
}

void CellBuilder::add_timing(const LibertyGroup& group, std::vector<TimingArc>& arcs) {
  const double unit = head_.units().time_ns;
  const auto table = [&](const char* name) {
    return tables_.read(group, name, TemplateKind::delay, unit);
  };
  TimingArc arc;
  arc.type = LibertyValues::text(group, "timing_type");
  if (arc.type.empty()) arc.type = "combinational";
  arc.sense = LibertyValues::text(group, "timing_sense");
  arc.when = LibertyValues::text(group, "when");
  arc.sdf_cond = LibertyValues::text(group, "sdf_cond");
  arc.cell_rise_ns = table("cell_rise");
  arc.cell_fall_ns = table("cell_fall");
  arc.rise_transition_ns = table("rise_transition");
  arc.fall_transition_ns = table("fall_transition");
  arc.rise_constraint_ns = table("rise_constraint");
  arc.fall_constraint_ns = table("fall_constraint");
  const std::vector<std::string> related_pins = pin_list(LibertyValues::text(group, "related_pin"));
  for (std::size_t i = 1; i < related_pins.size(); ++i) {
    arcs.push_back(arc);
    arcs.back().related_pin = related_pins[i - 1];
  }
  arc.related_pin = related_pins.back();
  arcs.push_back(std::move(arc));
}

void CellBuilder::set_when_functions(LibraryCell& cell) const {
  std::vector<std::string> inputs;
  for (const int pin : cell.inputs) {
    inputs.push_back(cell.pins[static_cast<std::size_t>(pin)].name);
  }
  for (LibraryPin& pin : cell.pins) {
    for (InternalPower& power : pin.internal_power) {
      power.when_function = when_function(power.when, inputs);
    }
    for (TimingArc& arc : pin.timing) arc.when_function = when_function(arc.when, inputs);
  }
}

// cell_leakage_power holds where no leakage_power group does.
void CellBuilder::set_leakage(LibraryCell& cell, const LibertyGroup& group) const {
  const double unit = head_.units().leakage_nw;
  std::vector<RailLeakage> groups;
  for (const LibertyGroup& child : group.groups) {
    if (child.name != "leakage_power") continue;
    const LibertyAttribute* value = child.attribute("value");
    if (value == nullptr) {
      throw values_
          .bad("TW-LIB-003", fmt::format("cell {}: leakage_power has no value", cell.name),
               child.position)
          .expected("value : <number>;");
    }
    groups.push_back(
        {rail_of(child), {LibertyValues::text(child, "when"), values_.number(*value) * unit}});
  }
  cell.leakage_by_state = merge_rails(groups);
  const double otherwise = values_.number(group, "cell_leakage_power",
                                          head_.default_number("default_cell_leakage_power")) *
                           unit;
  cell.leakage_nw = mean_leakage_nw(cell.leakage_by_state, otherwise, CellStates(cell));
}

}  // namespace togglewise::tech
