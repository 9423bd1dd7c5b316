#include "sim/tech/boolean_function.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/tech/message_text.h"

namespace togglewise::tech {
namespace {

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '[' || c == ']';
}

std::uint64_t used_bits(int variables) {
  return variables == kMaxFunctionVariables ? ~0ULL : (1ULL << (1U << variables)) - 1;
}

// Parentheses and repeated signs of negation: far more than anybody writes, far less than a stack
// holds.
constexpr int kMaxNesting = 200;

}  // namespace

// Recursive descent; writes the steps in the order in which they are evaluated.
class ExpressionParser {
 public:
  using Operation = BooleanExpression::Operation;

  ExpressionParser(std::string_view text, const std::vector<std::string>& variables,
                   BooleanExpression& result)
      : text_(text), variables_(variables), result_(result) {}

  void parse() {
    parse_or();
    skip_blanks();
    if (position_ < text_.size()) {
      throw std::invalid_argument(
          fmt::format("unexpected '{}' in \"{}\"", text_[position_], clipped(text_)));
    }
  }

 private:
  void add(Operation operation, std::size_t variable = 0) {
    result_.steps_.push_back({operation, variable});
  }

  void parse_or() {
    parse_and();
    while (accept('+') || accept('|')) {
      parse_and();
      add(Operation::either);
    }
  }

  void parse_and() {
    parse_xor();
    while (accept('*') || accept('&') || starts_factor()) {
      parse_xor();
      add(Operation::both);
    }
  }

  void parse_xor() {
    parse_factor();
    while (accept('^')) {
      parse_factor();
      add(Operation::different);
    }
  }

  void parse_factor() {
    if (++nesting_ > kMaxNesting) {
      throw std::invalid_argument(fmt::format("nested deeper than {}", kMaxNesting));
    }
    if (accept('!')) {
      parse_factor();
      add(Operation::negate);
    } else {
      if (accept('(')) {
        parse_or();
        if (!accept(')'))
          throw std::invalid_argument(fmt::format("missing ')' in \"{}\"", clipped(text_)));
      } else {
        parse_name();
      }
      while (accept('\'')) add(Operation::negate);
    }
    --nesting_;
  }

  void parse_name() {
    skip_blanks();
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_name_character(text_[position_])) ++position_;
    const std::string_view name = text_.substr(begin, position_ - begin);
    if (name.empty()) {
      throw std::invalid_argument(fmt::format("an operand is missing in \"{}\"", clipped(text_)));
    }
    const auto found = std::find(variables_.begin(), variables_.end(), name);
    if (found != variables_.end()) {
      add(Operation::variable, static_cast<std::size_t>(found - variables_.begin()));
    } else if (name == "0" || name == "1") {
      add(name == "1" ? Operation::one : Operation::zero);
    } else {
      throw std::invalid_argument(
          fmt::format("unknown pin '{}' in \"{}\"", clipped(name), clipped(text_)));
    }
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
  const std::vector<std::string>& variables_;
  BooleanExpression& result_;
  std::size_t position_ = 0;
  int nesting_ = 0;
};

BooleanExpression::BooleanExpression(std::string_view text,
                                     const std::vector<std::string>& variables) {
  ExpressionParser(text, variables, *this).parse();
}

std::uint64_t BooleanExpression::evaluate(const std::vector<std::uint64_t>& words) const {
  std::vector<std::uint64_t> stack;
  const auto pop = [&] {
    const std::uint64_t top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const Step& step : steps_) {
    switch (step.operation) {
      case Operation::variable:
        stack.push_back(words[step.variable]);
        break;
      case Operation::zero:
        stack.push_back(0);
        break;
      case Operation::one:
        stack.push_back(~0ULL);
        break;
      case Operation::negate:
        stack.back() = ~stack.back();
        break;
      case Operation::both: {
        const std::uint64_t right = pop();
        stack.back() &= right;
        break;
      }
      case Operation::either: {
        const std::uint64_t right = pop();
        stack.back() |= right;
        break;
      }
      case Operation::different: {
        const std::uint64_t right = pop();
        stack.back() ^= right;
        break;
      }
    }
  }
  return stack.back();
}

bool BooleanExpression::uses(std::size_t variable) const {
  return std::any_of(steps_.begin(), steps_.end(), [&](const Step& step) {
    return step.operation == Operation::variable && step.variable == variable;
  });
}

std::uint64_t truth_table_word(int variable) {
  std::uint64_t bits = 0;
  for (unsigned row = 0; row < 64; ++row) {
    bits |= static_cast<std::uint64_t>((row >> variable) & 1U) << row;
  }
  return bits;
}

bool TruthTable::depends_on(int variable) const {
  return !(cofactor(variable, false) == cofactor(variable, true));
}

TruthTable TruthTable::cofactor(int variable, bool fixed) const {
  TruthTable result{variables - 1, 0};
  for (unsigned row = 0; row < (1U << result.variables); ++row) {
    const unsigned low = row & ((1U << variable) - 1);
    const unsigned high = (row >> variable) << (variable + 1);
    const unsigned source = high | low | (static_cast<unsigned>(fixed) << variable);
    result.bits |= static_cast<std::uint64_t>(value(source)) << row;
  }
  return result;
}

TruthTable parse_boolean_function(std::string_view text,
                                  const std::vector<std::string>& variables) {
  if (variables.size() > static_cast<std::size_t>(kMaxFunctionVariables)) {
    throw std::invalid_argument(fmt::format("{} variables, at most {} are supported",
                                            variables.size(), kMaxFunctionVariables));
  }
  const int count = static_cast<int>(variables.size());
  std::vector<std::uint64_t> words(variables.size());
  for (int v = 0; v < count; ++v) words[static_cast<std::size_t>(v)] = truth_table_word(v);
  return {count, BooleanExpression(text, variables).evaluate(words) & used_bits(count)};
}

std::vector<std::string> boolean_function_names(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_name_character(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && is_name_character(text[i])) ++i;
    const std::string name(text.substr(begin, i - begin));
    if (name != "0" && name != "1" && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace togglewise::tech
