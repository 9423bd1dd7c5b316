// Typed values of Liberty attributes. All functions throw TW-LIB-003 with the place in the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/tech/liberty_parser.h"

namespace togglewise::tech {

// Reads attributes of one file; it only knows the file's name, for messages.
class LibertyValues {
 public:
  explicit LibertyValues(std::string file) : file_(std::move(file)) {}

  const std::string& file() const { return file_; }

  // "" where the attribute is missing or has no value.
  static std::string text(const LibertyGroup& group, std::string_view attribute);
  static bool is_true(const LibertyGroup& group, std::string_view attribute);
  double number(const LibertyAttribute& attribute) const;
  // `fallback` where the attribute is missing.
  double number(const LibertyGroup& group, std::string_view attribute, double fallback) const;
  // As above, but refuses negative numbers.
  double magnitude(const LibertyGroup& group, std::string_view attribute, double fallback) const;
  // All numbers of all values, which separate them by commas or blanks.
  std::vector<double> numbers(const LibertyAttribute& attribute) const;
  // The same; `row_lengths` gets how many each value holds.
  std::vector<double> numbers(const LibertyAttribute& attribute,
                              std::vector<std::size_t>& row_lengths) const;
  // What "10ps" is in the SI unit `base` ("s", "f", "v", "w").
  double unit(const LibertyAttribute& attribute, std::string_view base) const;
  // (1, pf) or (1pf).
  double capacitance_unit(const LibertyAttribute& attribute) const;

  Error bad(const std::string& id, const std::string& message, const LibertyPosition& place) const;

 private:
  double to_number(std::string_view word, const LibertyAttribute& attribute,
                   const LibertyPosition& place) const;
  double scaled_unit(const std::string& text, std::string_view base) const;  // 0: cannot be read

  std::string file_;
};

}  // namespace togglewise::tech
