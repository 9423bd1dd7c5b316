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

// An expression in Liberty's syntax: ! and ' (postfix) for not; * & or a blank for and; ^ for xor;
// + | for or; 0 and 1; parentheses. Binding, strongest first: not, xor, and, or (the Liberty
// manual).
class BooleanExpression {
 public:
  // Where a name occurs twice in `variables`, the first counts. Throws std::invalid_argument with
  // what was wrong: unknown name, syntax, or nested too deeply.
  BooleanExpression(std::string_view text, const std::vector<std::string>& variables);

  // 64 values at once: words[v] has those of variable v.
  std::uint64_t evaluate(const std::vector<std::uint64_t>& words) const;
  // Whether the variable's name occurs.
  bool uses(std::size_t variable) const;

 private:
  friend class ExpressionParser;
  enum class Operation { variable, zero, one, negate, both, either, different };
  struct Step {
    Operation operation = Operation::zero;
    std::size_t variable = 0;
  };

  std::vector<Step> steps_;  // in reverse Polish notation
};

// Bit `row` is the value that variable v has in that row of a truth table: the word to evaluate a
// variable of at most 6 with.
std::uint64_t truth_table_word(int variable);

// Throws std::invalid_argument, as above and for more than kMaxFunctionVariables variables.
TruthTable parse_boolean_function(std::string_view text, const std::vector<std::string>& variables);

// The names an expression uses, in order of appearance, each once.
std::vector<std::string> boolean_function_names(std::string_view text);

}  // namespace togglewise::tech
