#include "sim/tech/boolean_function.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include <fmt/format.h>

namespace togglewise::tech {
namespace {

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '[' || c == ']';
}

std::uint64_t used_bits(int variables) {
  return variables == kMaxFunctionVariables ? ~0ULL : (1ULL << (1U << variables)) - 1;
}

// The truth table of variable v alone.
std::uint64_t projection(int v) {
  std::uint64_t bits = 0;
  for (unsigned row = 0; row < 64; ++row)
    bits |= static_cast<std::uint64_t>((row >> v) & 1U) << row;
  return bits;
}

// Recursive descent; every level returns 64 truth-table bits.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, const std::vector<std::string>& variables)
      : text_(text), variables_(variables) {}

  std::uint64_t parse() {
    const std::uint64_t bits = parse_or();
    skip_blanks();
    if (position_ < text_.size()) {
      throw std::invalid_argument(
          fmt::format("unexpected '{}' in \"{}\"", text_[position_], text_));
    }
    return bits;
  }

 private:
  std::uint64_t parse_or() {
    std::uint64_t bits = parse_and();
    while (accept('+') || accept('|')) bits |= parse_and();
    return bits;
  }

  std::uint64_t parse_and() {
    std::uint64_t bits = parse_xor();
    for (;;) {
      if (accept('*') || accept('&') || starts_factor()) {
        bits &= parse_xor();
      } else {
        return bits;
      }
    }
  }

  std::uint64_t parse_xor() {
    std::uint64_t bits = parse_factor();
    while (accept('^')) bits ^= parse_factor();
    return bits;
  }

  std::uint64_t parse_factor() {
    if (accept('!')) return ~parse_factor();
    std::uint64_t bits = 0;
    if (accept('(')) {
      bits = parse_or();
      if (!accept(')')) throw std::invalid_argument(fmt::format("missing ')' in \"{}\"", text_));
    } else {
      bits = parse_name();
    }
    while (accept('\'')) bits = ~bits;
    return bits;
  }

  std::uint64_t parse_name() {
    skip_blanks();
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_name_character(text_[position_])) ++position_;
    const std::string name(text_.substr(begin, position_ - begin));
    if (name.empty()) {
      throw std::invalid_argument(fmt::format("an operand is missing in \"{}\"", text_));
    }
    const auto found = std::find(variables_.begin(), variables_.end(), name);
    if (found != variables_.end()) {
      return projection(static_cast<int>(found - variables_.begin()));
    }
    if (name == "0") return 0;
    if (name == "1") return ~0ULL;
    throw std::invalid_argument(fmt::format("unknown pin '{}' in \"{}\"", name, text_));
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
  std::size_t position_ = 0;
};

}  // namespace

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
  return {count, ExpressionParser(text, variables).parse() & used_bits(count)};
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
