#include "sim/tech/liberty_values.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/tech/message_text.h"

namespace togglewise::tech {
namespace {

// A backslash among numbers continues the line.
bool separates_numbers(char c) {
  return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\';
}

// So that products of three of them and a unit stay finite.
constexpr double kTooLarge = 1e60;

// The whole word as a finite number. Liberty allows a leading '+', from_chars does not.
bool read_number(std::string_view word, double& number) {
  if (word.size() > 1 && word[0] == '+' && word[1] != '-') word.remove_prefix(1);
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (end != word.data() + word.size()) return false;
  // Too small for a double is 0; too large is refused below.
  if (problem == std::errc::result_out_of_range) {
    number = std::strtod(std::string(word).c_str(), nullptr);
  }
  return (problem == std::errc() || problem == std::errc::result_out_of_range) &&
         std::abs(number) < kTooLarge;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// SI prefix of a unit such as "pf" of base "f"; 0 where it is none.
double prefix_value(std::string_view unit, std::string_view base) {
  if (unit.size() < base.size() || unit.substr(unit.size() - base.size()) != base) return 0.0;
  const std::string_view prefix = unit.substr(0, unit.size() - base.size());
  if (prefix.empty()) return 1.0;
  static constexpr std::pair<std::string_view, double> kPrefixes[] = {
      {"k", 1e3}, {"m", 1e-3}, {"u", 1e-6}, {"n", 1e-9}, {"p", 1e-12}, {"f", 1e-15}, {"a", 1e-18}};
  for (const auto& [name, value] : kPrefixes) {
    if (prefix == name) return value;
  }
  return 0.0;
}

// Where the character at `offset` of a value stands in the file.
LibertyPosition position_in(const LibertyValue& value, std::size_t offset) {
  LibertyPosition place = value.position;
  for (std::size_t i = 0; i < offset; ++i) {
    ++place.column;
    if (value.raw[i] == '\n') place = {place.line + 1, 1};
  }
  return place;
}

LibertyPosition place_of(const LibertyAttribute& attribute) {
  return attribute.values.empty() ? attribute.position : attribute.values.front().position;
}

}  // namespace

Error LibertyValues::bad(const std::string& id, const std::string& message,
                         const LibertyPosition& place) const {
  return Error::input(id, clipped(message)).at(file_, place.line, place.column);
}

double LibertyValues::to_number(std::string_view word, const LibertyAttribute& attribute,
                                const LibertyPosition& place) const {
  double number = 0.0;
  if (!read_number(word, number)) {
    throw bad("TW-LIB-003", fmt::format("{} is '{}'", attribute.name, word), place)
        .expected("a finite number below 1e60");
  }
  return number;
}

std::string LibertyValues::text(const LibertyGroup& group, std::string_view name) {
  const LibertyAttribute* attribute = group.attribute(name);
  return attribute == nullptr || attribute->values.empty() ? "" : attribute->values.front().text();
}

bool LibertyValues::is_true(const LibertyGroup& group, std::string_view name) {
  return lower(text(group, name)) == "true";
}

double LibertyValues::number(const LibertyAttribute& attribute) const {
  const std::string value = attribute.values.empty() ? "" : attribute.values.front().text();
  return to_number(value, attribute, place_of(attribute));
}

double LibertyValues::number(const LibertyGroup& group, std::string_view name,
                             double fallback) const {
  const LibertyAttribute* attribute = group.attribute(name);
  return attribute == nullptr ? fallback : number(*attribute);
}

double LibertyValues::magnitude(const LibertyGroup& group, std::string_view name,
                                double fallback) const {
  const LibertyAttribute* attribute = group.attribute(name);
  if (attribute == nullptr) return fallback;
  const double value = number(*attribute);
  if (value < 0.0) {
    throw bad("TW-LIB-003", fmt::format("{} is {}", name, value), place_of(*attribute))
        .expected("0 or a positive number");
  }
  return value;
}

std::vector<double> LibertyValues::numbers(const LibertyAttribute& attribute) const {
  std::vector<std::size_t> ignored;
  return numbers(attribute, ignored);
}

std::vector<double> LibertyValues::numbers(const LibertyAttribute& attribute,
                                           std::vector<std::size_t>& row_lengths) const {
  std::vector<double> result;
  for (const LibertyValue& row : attribute.values) {
    const std::size_t before = result.size();
    const std::string_view text = row.raw;
    for (std::size_t begin = 0; begin < text.size();) {
      if (separates_numbers(text[begin])) {
        ++begin;
        continue;
      }
      std::size_t end = begin + 1;
      while (end < text.size() && !separates_numbers(text[end])) ++end;
      double number = 0.0;
      const std::string_view word = text.substr(begin, end - begin);
      result.push_back(
          read_number(word, number) ? number : to_number(word, attribute, position_in(row, begin)));
      begin = end;
    }
    row_lengths.push_back(result.size() - before);
  }
  return result;
}

double LibertyValues::scaled_unit(const std::string& text, std::string_view base) const {
  const std::size_t split = text.find_first_not_of("+-.0123456789eE");
  const std::size_t digits = split == std::string::npos ? text.size() : split;
  double count = 0.0;
  if (!read_number(std::string_view(text).substr(0, digits), count) || count <= 0.0) return 0.0;
  const std::size_t begin = text.find_first_not_of(" \t", digits);
  if (begin == std::string::npos) return 0.0;
  return count * prefix_value(lower(text.substr(begin)), base);
}

double LibertyValues::unit(const LibertyAttribute& attribute, std::string_view base) const {
  const std::string value = attribute.values.empty() ? "" : attribute.values.front().text();
  const double result = scaled_unit(value, base);
  if (result == 0.0) {
    throw bad("TW-LIB-003", fmt::format("{} is '{}'", attribute.name, value), place_of(attribute))
        .expected(fmt::format("a number and a unit, as in 1n{}", base));
  }
  return result;
}

double LibertyValues::capacitance_unit(const LibertyAttribute& attribute) const {
  std::string whole;
  for (const LibertyValue& value : attribute.values) whole += value.text();
  const double result = scaled_unit(whole, "f");
  if (result == 0.0) {
    throw bad("TW-LIB-003", fmt::format("{} is '{}'", attribute.name, whole), place_of(attribute))
        .expected("a number and pf or ff, as in (1,pf)");
  }
  return result;
}

}  // namespace togglewise::tech
