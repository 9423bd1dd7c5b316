// One line of a comma-separated file: cells with their columns, quotes and comments taken off.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace togglewise::topology {

struct CsvCell {
  std::string text;  // without surrounding blanks and quotes
  int column = 1;    // in bytes from 1, where the cell's text begins
};

// The cells of `line`. A '#' outside quotes begins a comment; "" within quotes is a quote; a last
// cell that is empty (behind a trailing comma) is left out. No cells: a blank or comment line.
// Nothing where a quote is not closed or text stands beside a quoted cell.
std::optional<std::vector<CsvCell>> split_csv_line(std::string_view line);

}  // namespace togglewise::topology
