// Boolean functions as Liberty writes them, and as truth tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace togglewise::tech {

// A function of at most 6 variables; bit i of `bits` is its value where variable v has bit v of i.
// Bits from 2^variables on are zero.
struct TruthTable {
  int variables = 0;
  std::uint64_t bits = 0;

  bool value(unsigned row) const { return ((bits >> row) & 1U) != 0; }
  bool depends_on(int variable) const;
  // The function of the remaining variables when `variable` is fixed; later ones move down by one.
  TruthTable cofactor(int variable, bool value) const;

  friend bool operator==(const TruthTable& a, const TruthTable& b) {
    return a.variables == b.variables && a.bits == b.bits;
  }
};

constexpr int kMaxFunctionVariables = 6;

// Parses Liberty's expression syntax: ! and ' (postfix) for not; * & or a blank for and; ^ for xor;
// + | for or; 0 and 1; parentheses. Binding, strongest first: not, xor, and, or (the Liberty
// manual). Throws std::invalid_argument with what was wrong: unknown name, syntax, or too many
// variables.
TruthTable parse_boolean_function(std::string_view text, const std::vector<std::string>& variables);

// The names an expression uses, in order of appearance, each once.
std::vector<std::string> boolean_function_names(std::string_view text);

}  // namespace togglewise::tech
