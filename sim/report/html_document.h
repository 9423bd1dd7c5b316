// Building blocks of the report's page: escaped text, tables, sections, the page itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/report/console_table.h"
#include "sim/report/result_json.h"

namespace togglewise::report {

// For text and for attribute values in double quotes.
std::string html_escape(std::string_view text);

// JSON that can stand inside a <script> element: '<', '>' and '&' become \u escapes, so that no
// "</script>" in a layer's name ends the element.
std::string json_for_script(const Json& json);

// A table that needs no script. Cells are escaped.
class HtmlTable {
 public:
  explicit HtmlTable(std::vector<ConsoleTable::Column> columns, std::string caption = "");
  void add_row(const std::vector<std::string>& cells, const std::string& css_class = "");
  std::string html() const;

 private:
  std::vector<ConsoleTable::Column> columns_;
  std::string caption_;
  std::string rows_;
};

std::string html_paragraph(std::string_view text);
// Where report.js draws chart `name` from the chart data of the same name.
std::string html_chart(std::string_view name, std::string_view description);

struct Section {
  std::string id;
  std::string title;
  std::string body;  // HTML
};

struct Card {
  std::string label;
  std::string value;
  std::string detail;
  enum class State { neutral, good, bad } state = State::neutral;
};

struct Page {
  std::string title;
  std::string subtitle;
  std::vector<Card> cards;
  std::vector<Section> sections;
  std::vector<std::string> absent;  // sentences on sections that are not there
  Json charts = Json::object();     // by name; report.js knows how to draw each
};

// The whole self-contained file.
std::string html_page(const Page& page);

}  // namespace togglewise::report
