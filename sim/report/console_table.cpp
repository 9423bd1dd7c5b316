#include "sim/report/console_table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace togglewise::report {
namespace {

constexpr std::size_t column_gap = 2;

struct CodePointRange {
  std::uint32_t first, last;
};

// Unicode's East Asian Width W and F, in the blocks that text uses (UAX #11).
constexpr std::array<CodePointRange, 9> wide_ranges{{{0x1100, 0x115F},
                                                     {0x2E80, 0xA4CF},
                                                     {0xAC00, 0xD7A3},
                                                     {0xF900, 0xFAFF},
                                                     {0xFE30, 0xFE4F},
                                                     {0xFF00, 0xFF60},
                                                     {0xFFE0, 0xFFE6},
                                                     {0x1F300, 0x1F64F},
                                                     {0x20000, 0x3FFFD}}};
constexpr std::array<CodePointRange, 5> combining_ranges{
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}}};

template <std::size_t count>
bool in_ranges(std::uint32_t code_point, const std::array<CodePointRange, count>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [code_point](const CodePointRange& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

// Reads one code point at `position` and moves past it; a byte that starts none is itself one.
std::uint32_t next_code_point(std::string_view text, std::size_t& position) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(position++);
  const int more = lead >= 0xF0 && lead < 0xF8   ? 3
                   : lead >= 0xE0 && lead < 0xF0 ? 2
                   : lead >= 0xC2 && lead < 0xE0 ? 1
                                                 : 0;
  if (more == 0) return lead;
  std::uint32_t code_point = lead & (0x3FU >> more);
  for (int i = 0; i < more; ++i) {
    const std::size_t at = position + static_cast<std::size_t>(i);
    if (at >= text.size() || (byte(at) & 0xC0U) != 0x80U) return lead;
    code_point = code_point << 6U | (byte(at) & 0x3FU);
  }
  position += static_cast<std::size_t>(more);
  return code_point;
}

std::string without_control_characters(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t position = 0; position < utf8.size();) {
    const std::uint32_t code_point = next_code_point(utf8, position);
    if (in_ranges(code_point, combining_ranges)) continue;
    width += in_ranges(code_point, wide_ranges) ? 2 : 1;
  }
  return width;
}

ConsoleTable::ConsoleTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void ConsoleTable::add_row(std::vector<std::string> cells) {
  if (cells.size() != columns_.size() || cells.empty()) {
    throw std::invalid_argument("a table row needs one cell for every column");
  }
  for (std::string& cell : cells) cell = without_control_characters(std::move(cell));
  rows_.push_back(std::move(cells));
}

void ConsoleTable::add_rule() { rows_.emplace_back(); }

std::string ConsoleTable::text() const {
  std::vector<std::size_t> widths;
  bool any_unit = false;
  for (const Column& column : columns_) {
    widths.push_back(std::max(display_width(column.header), display_width(column.unit)));
    any_unit = any_unit || !column.unit.empty();
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::size_t table_width = columns_.empty() ? 0 : column_gap * (columns_.size() - 1);
  for (const std::size_t width : widths) table_width += width;

  std::string out;
  const auto append_line = [&](const auto& cell_of_column) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_of_column(i);
      const std::string padding(widths[i] - display_width(cell), ' ');
      if (i > 0) line.append(column_gap, ' ');
      line += columns_[i].align == Align::right ? padding + cell : cell + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  const auto append_rule = [&] {
    for (std::size_t i = 0; i < table_width; ++i) out += "─";
    out += "\n";
  };

  append_line([&](std::size_t i) -> const std::string& { return columns_[i].header; });
  if (any_unit) append_line([&](std::size_t i) -> const std::string& { return columns_[i].unit; });
  append_rule();
  for (const auto& row : rows_) {
    if (row.empty()) {
      append_rule();
    } else {
      append_line([&](std::size_t i) -> const std::string& { return row[i]; });
    }
  }
  return out;
}

}  // namespace togglewise::report
