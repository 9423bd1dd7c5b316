#include "sim/tech/cell_library.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/nearest.h"
#include "sim/tech/liberty_parser.h"
#include "sim/tech/liberty_values.h"

namespace togglewise::tech {

// Turns the tree into cells; one instance a file.
class CellLibraryBuilder {
 public:
  CellLibraryBuilder(const LibertyGroup& tree, const std::string& file)
      : tree_(tree), values_(tree, file) {}

  std::shared_ptr<const CellLibrary> build() {
    auto library = std::make_shared<CellLibrary>();
    library->name_ = tree_.first_argument();
    library->file_ = values_.file();
    library->voltage_ = nominal_voltage();
    library->temperature_celsius_ = values_.number(tree_, "nom_temperature", 25.0);
    for (const LibertyGroup& group : tree_.groups) {
      if (group.name != "cell") continue;
      library->index_[group.first_argument()] = library->cells_.size();
      library->cells_.push_back(build_cell(group));
    }
    if (library->cells_.empty()) {
      throw Error::input("TW-LIB-003", fmt::format("library '{}' has no cells", library->name_))
          .at(values_.file(), tree_.line)
          .expected("cell (<name>) { … }");
    }
    return library;
  }

 private:
  double nominal_voltage() const {
    double volts = values_.number(tree_, "nom_voltage", 0.0);
    const LibertyGroup* conditions = tree_.group("operating_conditions");
    if (volts == 0.0 && conditions != nullptr) volts = values_.number(*conditions, "voltage", 0.0);
    if (volts <= 0.0) {
      throw Error::input("TW-LIB-003", "the library gives no nominal voltage")
          .at(values_.file(), tree_.line)
          .expected("nom_voltage : <number>;");
    }
    return volts * values_.units().voltage_v;
  }

  LibraryCell build_cell(const LibertyGroup& group) const {
    LibraryCell cell;
    cell.name = group.first_argument();
    cell.area = values_.number(group, "area", 0.0);
    cell.leakage_nw = leakage_nw(group);
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "pin") {
        for (const std::string& name : child.arguments) cell.pins.push_back(build_pin(child, name));
      } else if (child.name == "latch" || child.name == "statetable" || child.name == "bus" ||
                 child.name == "bundle" || child.name == "ff_bank") {
        cell.unsupported_reason = fmt::format("it has a {} group", child.name);
      }
    }
    for (std::size_t i = 0; i < cell.pins.size(); ++i) {
      if (cell.pins[i].direction == PinDirection::input) cell.inputs.push_back(static_cast<int>(i));
      if (cell.pins[i].direction == PinDirection::output)
        cell.outputs.push_back(static_cast<int>(i));
    }
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "pin" && child.attribute("three_state") != nullptr) {
        cell.unsupported_reason = "it has a three-state output";
      }
    }
    if (cell.inputs.size() > static_cast<std::size_t>(kMaxFunctionVariables)) {
      cell.unsupported_reason =
          fmt::format("it has {} inputs, more than {}", cell.inputs.size(), kMaxFunctionVariables);
    }
    if (cell.unsupported_reason.empty()) build_functions(cell, group);
    return cell;
  }

  // cell_leakage_power, or the mean of the leakage_power groups (one per input state).
  double leakage_nw(const LibertyGroup& group) const {
    double leakage = values_.number(tree_, "default_cell_leakage_power", 0.0);
    if (group.attribute("cell_leakage_power") != nullptr) {
      leakage = values_.number(group, "cell_leakage_power", 0.0);
    } else {
      double sum = 0.0;
      int count = 0;
      for (const LibertyGroup& child : group.groups) {
        if (child.name != "leakage_power") continue;
        sum += values_.number(child, "value", 0.0);
        ++count;
      }
      if (count > 0) leakage = sum / count;
    }
    return leakage * values_.units().leakage_nw;
  }

  LibraryPin build_pin(const LibertyGroup& group, const std::string& name) const {
    LibraryPin pin;
    pin.name = name;
    const std::string direction = values_.text(group, "direction");
    if (direction == "input") pin.direction = PinDirection::input;
    if (direction == "output") pin.direction = PinDirection::output;
    const double fallback = pin.direction == PinDirection::input
                                ? values_.number(tree_, "default_input_pin_cap", 0.0)
                                : 0.0;
    pin.capacitance_ff =
        values_.number(group, "capacitance", fallback) * values_.units().capacitance_ff;
    pin.is_clock = values_.text(group, "clock") == "true";
    pin.function_text = values_.text(group, "function");
    for (const LibertyGroup& child : group.groups) {
      if (child.name == "internal_power") pin.internal_power.push_back(build_power(child));
      if (child.name == "timing") pin.timing.push_back(build_timing(child));
    }
    return pin;
  }

  InternalPower build_power(const LibertyGroup& group) const {
    const double unit = values_.units().energy_fj();
    InternalPower power;
    power.related_pin = values_.text(group, "related_pin");
    power.rise_fj = values_.table(group, "rise_power", unit);
    power.fall_fj = values_.table(group, "fall_power", unit);
    // One table for both edges: each of them is one of the transitions it describes.
    const LookupTable both = values_.table(group, "power", unit);
    if (!both.empty()) power.rise_fj = power.fall_fj = both;
    return power;
  }

  TimingArc build_timing(const LibertyGroup& group) const {
    const double unit = values_.units().time_ns;
    TimingArc arc;
    arc.related_pin = values_.text(group, "related_pin");
    arc.type = values_.text(group, "timing_type");
    if (arc.type.empty()) arc.type = "combinational";
    arc.sense = values_.text(group, "timing_sense");
    arc.cell_rise_ns = values_.table(group, "cell_rise", unit);
    arc.cell_fall_ns = values_.table(group, "cell_fall", unit);
    arc.rise_transition_ns = values_.table(group, "rise_transition", unit);
    arc.fall_transition_ns = values_.table(group, "fall_transition", unit);
    arc.rise_constraint_ns = values_.table(group, "rise_constraint", unit);
    arc.fall_constraint_ns = values_.table(group, "fall_constraint", unit);
    return arc;
  }

  void build_functions(LibraryCell& cell, const LibertyGroup& group) const {
    std::vector<std::string> input_names;
    for (const int pin : cell.inputs) {
      input_names.push_back(cell.pins[static_cast<std::size_t>(pin)].name);
    }
    std::vector<std::string> output_variables = input_names;
    if (const LibertyGroup* ff = group.group("ff")) {
      FlipFlop flip_flop;
      flip_flop.state = ff->first_argument();
      flip_flop.inverted_state = ff->arguments.size() > 1 ? ff->arguments[1] : "";
      flip_flop.clocked_on = values_.text(*ff, "clocked_on");
      flip_flop.next_state =
          function(values_.text(*ff, "next_state"), input_names, cell.name, ff->line);
      if (ff->attribute("clear") != nullptr) {
        flip_flop.clear = function(values_.text(*ff, "clear"), input_names, cell.name, ff->line);
      }
      if (ff->attribute("preset") != nullptr) {
        flip_flop.preset = function(values_.text(*ff, "preset"), input_names, cell.name, ff->line);
      }
      output_variables = {flip_flop.state, flip_flop.inverted_state};
      cell.flip_flop = std::move(flip_flop);
    }
    for (const int index : cell.outputs) {
      LibraryPin& pin = cell.pins[static_cast<std::size_t>(index)];
      if (pin.function_text.empty()) {
        cell.unsupported_reason = fmt::format("its output {} has no function", pin.name);
        return;
      }
      pin.function = function(pin.function_text, output_variables, cell.name, group.line);
    }
  }

  TruthTable function(const std::string& text, const std::vector<std::string>& variables,
                      const std::string& cell, int line) const {
    try {
      return parse_boolean_function(text, variables);
    } catch (const std::invalid_argument& problem) {
      throw Error::input("TW-LIB-004",
                         fmt::format("cell {}: bad Boolean function: {}", cell, problem.what()))
          .at(values_.file(), line)
          .expected(fmt::format("an expression of {}", list_names(variables)));
    }
  }

  const LibertyGroup& tree_;
  LibertyValues values_;
};

std::shared_ptr<const CellLibrary> CellLibrary::parse(const std::string& text,
                                                      const std::string& file) {
  const LibertyGroup tree = parse_liberty(text, file);
  return CellLibraryBuilder(tree, file).build();
}

std::shared_ptr<const CellLibrary> CellLibrary::read(const std::filesystem::path& path) {
  return parse(read_file(path), path.string());
}

const LibraryCell* CellLibrary::find(const std::string& cell_name) const {
  const auto found = index_.find(cell_name);
  return found == index_.end() ? nullptr : &cells_[found->second];
}

std::vector<std::string> CellLibrary::cell_names() const {
  std::vector<std::string> names;
  for (const LibraryCell& cell : cells_) names.push_back(cell.name);
  return names;
}

int LibraryCell::pin_index(const std::string& pin_name) const {
  for (std::size_t i = 0; i < pins.size(); ++i) {
    if (pins[i].name == pin_name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace togglewise::tech
