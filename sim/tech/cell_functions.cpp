#include "sim/tech/cell_functions.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/base/nearest.h"
#include "sim/tech/message_text.h"

namespace togglewise::tech {
namespace {

using Words = std::vector<std::uint64_t>;

// Why the cell cannot be simulated, as far as its statements tell; "" where they do not.
std::string obstacle(const LibraryCell& cell, const LibertyGroup& group) {
  int flip_flops = 0;
  for (const LibertyGroup& child : group.groups) {
    for (const char* name : {"latch", "statetable", "latch_bank", "ff_bank"}) {
      if (child.name == name) return fmt::format("it has a {} group", name);
    }
    if (child.name == "bus" || child.name == "bundle") {
      if (LibertyValues::text(child, "direction") == "internal") continue;
      return fmt::format("it has {} pins", child.name);
    }
    if (child.name == "ff" && ++flip_flops > 1) return "it has several ff groups";
    if (child.name != "pin") continue;
    if (!LibertyValues::text(child, "three_state").empty()) return "it has a three-state output";
    if (LibertyValues::text(child, "direction") == "inout") return "it has an inout pin";
  }
  if (group.attribute("clock_gating_integrated_cell") != nullptr) {
    return "it is a clock-gating cell";
  }
  if (cell.inputs.size() > static_cast<std::size_t>(kMaxFunctionVariables)) {
    return fmt::format("it has {} inputs, more than {}", cell.inputs.size(), kMaxFunctionVariables);
  }
  return "";
}

class FunctionReader {
 public:
  FunctionReader(LibraryCell& cell, const LibertyGroup& group, const LibertyValues& values)
      : cell_(cell), group_(group), values_(values) {
    for (const int pin : cell.inputs) {
      input_names_.push_back(cell.pins[static_cast<std::size_t>(pin)].name);
    }
    for (std::size_t i = 0; i < input_names_.size(); ++i) {
      input_words_.push_back(truth_table_word(static_cast<int>(i)));
    }
  }

  void read() {
    if (const LibertyGroup* ff = group_.group("ff")) read_flip_flop(*ff);
    if (!cell_.unsupported_reason.empty()) return;
    std::vector<std::string> names = input_names_;
    if (cell_.flip_flop) names = {cell_.flip_flop->state, cell_.flip_flop->inverted_state};
    for (const LibertyGroup& pin_group : group_.groups) {
      if (pin_group.name != "pin") continue;
      for (const LibertyValue& name : pin_group.arguments) {
        LibraryPin& pin = cell_.pins[static_cast<std::size_t>(cell_.pin_index(name.text()))];
        if (pin.direction == PinDirection::output) read_output(pin, pin_group, names);
      }
    }
  }

 private:
  void refuse(const std::string& reason) {
    if (cell_.unsupported_reason.empty()) cell_.unsupported_reason = clipped(reason);
  }

  void read_output(LibraryPin& pin, const LibertyGroup& pin_group,
                   const std::vector<std::string>& names) {
    const LibertyAttribute* attribute = pin_group.attribute("function");
    if (attribute == nullptr || pin.function_text.empty()) {
      refuse(fmt::format("its output {} has no function", pin.name));
      return;
    }
    const std::string what = fmt::format("the function of its output {}", pin.name);
    const auto expression = parse(*attribute, names, what);
    if (!expression) return;
    pin.function = table(*expression, names.size());
  }

  void read_flip_flop(const LibertyGroup& ff) {
    FlipFlop flip_flop;
    flip_flop.state = ff.argument(0);
    flip_flop.inverted_state = ff.argument(1);
    const auto clock = parse(required(ff, "clocked_on"), input_names_, "its clock");
    std::vector<std::string> names = input_names_;
    names.push_back(flip_flop.state);
    names.push_back(flip_flop.inverted_state);
    const auto next_state = parse(required(ff, "next_state"), names, "its next state");
    if (!clock || !next_state) return;
    flip_flop.clocked_on = clock_name(*clock, LibertyValues::text(ff, "clocked_on"));
    const TruthTable from_zero = next(*next_state, 0);
    const TruthTable from_one = next(*next_state, ~0ULL);
    flip_flop.next_state = from_zero;
    if (!(from_one == from_zero)) flip_flop.next_state_from_one = from_one;
    if (ff.attribute("clocked_on_also") != nullptr) refuse("it has two clocks");
    flip_flop.clear = asynchronous(ff, "clear");
    flip_flop.preset = asynchronous(ff, "preset");
    cell_.flip_flop = std::move(flip_flop);
  }

  std::optional<TruthTable> asynchronous(const LibertyGroup& ff, const char* name) {
    const LibertyAttribute* attribute = ff.attribute(name);
    if (attribute == nullptr) return std::nullopt;
    const auto expression = parse(*attribute, input_names_, fmt::format("its {}", name));
    if (!expression) return std::nullopt;
    return table(*expression, input_names_.size());
  }

  // The input that the expression is, else the expression itself.
  std::string clock_name(const BooleanExpression& clock, const std::string& text) const {
    const TruthTable function = table(clock, input_names_.size());
    for (std::size_t i = 0; i < input_names_.size(); ++i) {
      if (function.bits == (truth_table_word(static_cast<int>(i)) & mask(input_names_.size()))) {
        return input_names_[i];
      }
    }
    return text;
  }

  static std::uint64_t mask(std::size_t variables) {
    return variables >= 6 ? ~0ULL : (1ULL << (1U << variables)) - 1;
  }

  TruthTable table(const BooleanExpression& expression, std::size_t variables) const {
    Words words;
    for (std::size_t i = 0; i < variables; ++i) {
      words.push_back(truth_table_word(static_cast<int>(i)));
    }
    // Names beyond the variables do not occur: parse() has refused them.
    return {static_cast<int>(variables), expression.evaluate(words) & mask(variables)};
  }

  TruthTable next(const BooleanExpression& expression, std::uint64_t state) const {
    Words words = input_words_;
    words.push_back(state);
    words.push_back(~state);
    return {static_cast<int>(input_words_.size()),
            expression.evaluate(words) & mask(input_words_.size())};
  }

  const LibertyAttribute& required(const LibertyGroup& ff, const char* name) const {
    const LibertyAttribute* attribute = ff.attribute(name);
    if (attribute == nullptr || attribute->values.empty()) {
      throw values_
          .bad("TW-LIB-003", fmt::format("cell {}: its ff group has no {}", cell_.name, name),
               ff.position)
          .expected(fmt::format("{} : \"<expression>\";", name));
    }
    return *attribute;
  }

  // None, and the cell refused, where the expression names a pin of the cell that is not in
  // `names`. Throws TW-LIB-004 for anything else that is wrong with it.
  std::optional<BooleanExpression> parse(const LibertyAttribute& attribute,
                                         const std::vector<std::string>& names,
                                         const std::string& what) {
    std::vector<std::string> known = names;
    for (const LibraryPin& pin : cell_.pins) known.push_back(pin.name);
    for (const LibertyGroup& child : group_.groups) {
      if (child.name == "pg_pin") known.push_back(child.argument());
    }
    const std::string text = attribute.values.empty() ? "" : attribute.values.front().text();
    try {
      BooleanExpression expression(text, known);
      for (std::size_t i = names.size(); i < known.size(); ++i) {
        if (!expression.uses(i)) continue;
        refuse(fmt::format("{} depends on pin {}", what, known[i]));
        return std::nullopt;
      }
      return expression;
    } catch (const std::invalid_argument& problem) {
      throw values_
          .bad("TW-LIB-004",
               fmt::format("cell {}: bad Boolean function: {}", cell_.name, problem.what()),
               attribute.values.empty() ? attribute.position : attribute.values.front().position)
          .expected(names.empty() ? "0 or 1"
                                  : clipped(fmt::format("an expression of {}", list_names(names))));
    }
  }

  LibraryCell& cell_;
  const LibertyGroup& group_;
  const LibertyValues& values_;
  std::vector<std::string> input_names_;
  Words input_words_;
};

// None where the group has more than a data and an enable pin, or expressions of several.
std::optional<Latch> simple_latch(const LibraryCell& cell, const LibertyGroup& group) {
  for (const LibertyGroup& child : group.groups) {
    if (child.name != "latch") continue;
    if (child.attribute("clear") != nullptr || child.attribute("preset") != nullptr) return {};
    const auto pin_of = [&](const char* name) {
      std::string text = LibertyValues::text(child, name);
      text.erase(std::remove_if(text.begin(), text.end(),
                                [](char c) { return c == ' ' || c == '(' || c == ')'; }),
                 text.end());
      return text;
    };
    Latch latch{pin_of("data_in"), pin_of("enable"), false};
    if (!latch.enable.empty() && (latch.enable[0] == '!' || latch.enable.back() == '\'')) {
      latch.enable_low = true;
      latch.enable.erase(latch.enable[0] == '!' ? 0 : latch.enable.size() - 1, 1);
    }
    const auto is_input = [&](const std::string& name) {
      const int pin = cell.pin_index(name);
      return pin >= 0 && cell.pins[static_cast<std::size_t>(pin)].direction == PinDirection::input;
    };
    if (is_input(latch.data) && is_input(latch.enable) && cell.inputs.size() == 2) return latch;
  }
  return {};
}

}  // namespace

void set_functions(LibraryCell& cell, const LibertyGroup& group, const LibertyValues& values) {
  cell.unsupported_reason = obstacle(cell, group);
  cell.latch = simple_latch(cell, group);
  if (cell.unsupported_reason.empty()) FunctionReader(cell, group, values).read();
}

}  // namespace togglewise::tech
