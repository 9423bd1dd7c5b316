// Aligned text tables for the console:
//   Layer    Cycles   Power
//                        mW
//   ──────────────────────
//   conv1     1,234    12.3
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace togglewise::report {

// Columns that a terminal uses for UTF-8 text: combining marks 0, East Asian wide characters and
// emoji 2. A byte that is not UTF-8 counts 1.
std::size_t display_width(std::string_view utf8);

class ConsoleTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string header;
    std::string unit;  // second line of the header; "" for none
    Align align = Align::right;
  };

  explicit ConsoleTable(std::vector<Column> columns);

  // Throws std::invalid_argument when the number of cells is not that of the columns.
  void add_row(std::vector<std::string> cells);
  void add_rule();  // a line across, for example above totals

  // Every line ends with a newline; no trailing spaces. Control characters in cells become '?'.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

}  // namespace togglewise::report
