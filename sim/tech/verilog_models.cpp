#include "sim/tech/verilog_models.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace togglewise::tech {
namespace {

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '[' || c == ']';
}

// Verilog binds & before ^, Liberty ^ before &: every level is put into parentheses.
class ExpressionWriter {
 public:
  ExpressionWriter(std::string_view text, const std::vector<VerilogName>& names)
      : text_(text), names_(names) {}

  std::string write() {
    std::string all = write_or();
    skip_blanks();
    if (position_ < text_.size()) {
      throw std::invalid_argument(
          fmt::format("unexpected '{}' in \"{}\"", text_[position_], text_));
    }
    return all;
  }

 private:
  std::string write_or() {
    std::string terms = write_and();
    bool several = false;
    while (accept('+') || accept('|')) {
      terms += " | " + write_and();
      several = true;
    }
    return several ? "(" + terms + ")" : terms;
  }

  std::string write_and() {
    std::string terms = write_xor();
    bool several = false;
    while (accept('*') || accept('&') || starts_factor()) {
      terms += " & " + write_xor();
      several = true;
    }
    return several ? "(" + terms + ")" : terms;
  }

  std::string write_xor() {
    std::string terms = write_factor();
    bool several = false;
    while (accept('^')) {
      terms += " ^ " + write_factor();
      several = true;
    }
    return several ? "(" + terms + ")" : terms;
  }

  std::string write_factor() {
    if (accept('!')) return "~" + write_factor();
    std::string factor;
    if (accept('(')) {
      factor = write_or();
      if (!accept(')')) throw std::invalid_argument(fmt::format("missing ')' in \"{}\"", text_));
    } else {
      factor = write_name();
    }
    while (accept('\'')) factor = "~" + factor;
    return factor;
  }

  std::string write_name() {
    skip_blanks();
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_name_character(text_[position_])) ++position_;
    const std::string name(text_.substr(begin, position_ - begin));
    if (name.empty()) {
      throw std::invalid_argument(fmt::format("an operand is missing in \"{}\"", text_));
    }
    for (const VerilogName& known : names_) {
      if (known.liberty == name) return known.verilog;
    }
    if (name == "0" || name == "1") return "1'b" + name;
    return verilog_identifier(name);
  }

  void skip_blanks() {
    while (position_ < text_.size() &&
           std::isspace(static_cast<unsigned char>(text_[position_])) != 0) {
      ++position_;
    }
  }
  bool accept(char c) {
    skip_blanks();
    if (position_ >= text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  bool starts_factor() {
    skip_blanks();
    return position_ < text_.size() && (text_[position_] == '!' || text_[position_] == '(' ||
                                        is_name_character(text_[position_]));
  }

  std::string_view text_;
  const std::vector<VerilogName>& names_;
  std::size_t position_ = 0;
};

// A truth table as a tree of multiplexers, for functions whose text the library does not keep.
std::string table_expression(const TruthTable& table, const std::vector<std::string>& variables) {
  for (int v = table.variables - 1; v >= 0; --v) {
    if (!table.depends_on(v)) continue;
    std::vector<std::string> rest = variables;
    const std::string name = rest[static_cast<std::size_t>(v)];
    rest.erase(rest.begin() + v);
    const std::string high = table_expression(table.cofactor(v, true), rest);
    const std::string low = table_expression(table.cofactor(v, false), rest);
    if (high == "1'b1" && low == "1'b0") return name;
    if (high == "1'b0" && low == "1'b1") return "~" + name;
    return fmt::format("({} ? {} : {})", name, high, low);
  }
  return table.value(0) ? "1'b1" : "1'b0";
}

std::string port_list(const LibraryCell& cell) {
  std::string ports;
  for (const bool inputs : {true, false}) {
    for (const int pin : inputs ? cell.inputs : cell.outputs) {
      ports += fmt::format("{}{} {}", ports.empty() ? "" : ", ", inputs ? "input" : "output",
                           verilog_identifier(cell.pins[static_cast<std::size_t>(pin)].name));
    }
  }
  return ports;
}

// Names of a register's state that no pin has.
struct StateNames {
  explicit StateNames(const LibraryCell& cell) {
    while (cell.pin_index(state) >= 0) state += "_";
  }
  std::string state = "state";
};

std::string register_body(const LibraryCell& cell, const std::string& state) {
  const FlipFlop& flip_flop = *cell.flip_flop;
  std::vector<std::string> variables;
  for (const int pin : cell.inputs) {
    variables.push_back(verilog_identifier(cell.pins[static_cast<std::size_t>(pin)].name));
  }
  // A next state may also depend on the state itself, as the variable after the inputs.
  variables.push_back(state);
  std::string edges = "posedge " + verilog_expression(flip_flop.clocked_on);
  std::string update =
      fmt::format("{} <= {};", state, table_expression(flip_flop.next_state, variables));
  const auto add_asynchronous = [&](const std::optional<TruthTable>& function, char value) {
    if (!function) return;
    const std::string condition = table_expression(*function, variables);
    edges += " or posedge " + condition;
    update = fmt::format("if ({}) {} <= 1'b{}; else {}", condition, state, value, update);
  };
  add_asynchronous(flip_flop.preset, '1');
  add_asynchronous(flip_flop.clear, '0');
  return fmt::format("  reg {};\n  always @({}) {}\n", state, edges, update);
}

std::string cell_module(const LibraryCell& cell) {
  if (!cell.unsupported_reason.empty()) {
    throw std::logic_error("no model of " + cell.name + ": " + cell.unsupported_reason);
  }
  std::string text =
      fmt::format("module {} ({});\n", verilog_identifier(cell.name), port_list(cell));
  std::vector<VerilogName> names;
  if (cell.is_register()) {
    const std::string state = StateNames(cell).state;
    text += register_body(cell, state);
    names = {{cell.flip_flop->state, state}, {cell.flip_flop->inverted_state, "~" + state}};
  }
  for (const int index : cell.outputs) {
    const LibraryPin& pin = cell.pins[static_cast<std::size_t>(index)];
    text += fmt::format("  assign {} = {};\n", verilog_identifier(pin.name),
                        verilog_expression(pin.function_text, names));
  }
  return text + "endmodule\n";
}

}  // namespace

std::string verilog_identifier(const std::string& name) {
  const auto is_simple = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
  };
  const bool simple = !name.empty() && std::all_of(name.begin(), name.end(), is_simple) &&
                      std::isdigit(static_cast<unsigned char>(name[0])) == 0 && name[0] != '$';
  return simple ? name : "\\" + name + " ";
}

std::string verilog_expression(const std::string& function_text,
                               const std::vector<VerilogName>& names) {
  return ExpressionWriter(function_text, names).write();
}

std::string write_verilog_models(const std::vector<const LibraryCell*>& cells) {
  std::string text = "// Behaviour of library cells, from their Liberty functions.\n";
  for (const LibraryCell* cell : cells) text += "\n" + cell_module(*cell);
  return text;
}

std::string write_verilog_models(const Netlist& netlist) {
  std::map<std::string, const LibraryCell*> used;
  for (const Cell& cell : netlist.cells()) used.emplace(cell.type->name, cell.type);
  std::vector<const LibraryCell*> cells;
  for (const auto& [name, cell] : used) cells.push_back(cell);
  return write_verilog_models(cells);
}

}  // namespace togglewise::tech
