#include "sim/topology/csv_line.h"

namespace togglewise::topology {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

// Reads cells from left to right; `position` always stands on the next unread byte.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line) {}

  std::optional<std::vector<CsvCell>> cells() {
    std::vector<CsvCell> cells;
    while (true) {
      skip_blanks();
      CsvCell cell;
      cell.column = static_cast<int>(position_) + 1;
      if (at_end()) {
        cells.push_back(cell);
        break;
      }
      if (line_[position_] == '"' ? !read_quoted(cell.text) : !read_plain(cell.text)) return {};
      cells.push_back(cell);
      if (at_end()) break;
      ++position_;  // the comma
    }
    while (!cells.empty() && cells.back().text.empty() && !quoted_last_) cells.pop_back();
    return cells;
  }

 private:
  bool at_end() const { return position_ >= line_.size() || line_[position_] == '#'; }
  void skip_blanks() {
    while (position_ < line_.size() && is_blank(line_[position_])) ++position_;
  }

  bool read_plain(std::string& text) {
    quoted_last_ = false;
    while (!at_end() && line_[position_] != ',') text += line_[position_++];
    while (!text.empty() && is_blank(text.back())) text.pop_back();
    return true;
  }

  bool read_quoted(std::string& text) {
    quoted_last_ = true;
    for (++position_; position_ < line_.size(); ++position_) {
      if (line_[position_] != '"') {
        text += line_[position_];
      } else if (position_ + 1 < line_.size() && line_[position_ + 1] == '"') {
        text += line_[++position_];
      } else {
        ++position_;
        skip_blanks();
        return at_end() || line_[position_] == ',';
      }
    }
    return false;
  }

  std::string_view line_;
  std::size_t position_ = 0;
  bool quoted_last_ = false;
};

}  // namespace

std::optional<std::vector<CsvCell>> split_csv_line(std::string_view line) {
  return LineReader(line).cells();
}

}  // namespace togglewise::topology
