#include "sim/report/html_document.h"

#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/report/report_resources.h"

namespace togglewise::report {
namespace {

// Fills @NAME@ in one pass: what is filled in is not searched again.
std::string fill(std::string_view text, const std::map<std::string, std::string, std::less<>>& by) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = text.find('@');
    const std::size_t end = begin == text.npos ? text.npos : text.find('@', begin + 1);
    if (end == text.npos) break;
    const auto value = by.find(text.substr(begin + 1, end - begin - 1));
    if (value == by.end()) throw std::logic_error("report.html.in holds an unknown placeholder");
    out.append(text.substr(0, begin)).append(value->second);
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

std::string cards_html(const std::vector<Card>& cards) {
  std::string out;
  for (const Card& card : cards) {
    const char* state = card.state == Card::State::good  ? " good"
                        : card.state == Card::State::bad ? " bad"
                                                         : "";
    out += fmt::format(
        "<div class=\"card{}\"><div class=\"label\">{}</div><div class=\"value\">{}</div>"
        "<div class=\"detail\">{}</div></div>\n",
        state, html_escape(card.label), html_escape(card.value), html_escape(card.detail));
  }
  return out;
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string json_for_script(const Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    switch (c) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += c;
    }
  }
  return out;
}

HtmlTable::HtmlTable(std::vector<ConsoleTable::Column> columns, std::string caption)
    : columns_(std::move(columns)), caption_(std::move(caption)) {}

void HtmlTable::add_row(const std::vector<std::string>& cells, const std::string& css_class) {
  if (cells.size() != columns_.size()) {
    throw std::invalid_argument("a table row needs one cell for every column");
  }
  rows_ += css_class.empty() ? "<tr>" : fmt::format("<tr class=\"{}\">", css_class);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const char* tag = i == 0 ? "th scope=\"row\"" : "td";
    rows_ += fmt::format("<{}{}>{}</{}>", tag,
                         columns_[i].align == ConsoleTable::Align::left ? " class=\"text\"" : "",
                         html_escape(cells[i]), i == 0 ? "th" : "td");
  }
  rows_ += "</tr>\n";
}

std::string HtmlTable::html() const {
  std::string out = "<div class=\"table\"><table>";
  if (!caption_.empty()) out += "<caption>" + html_escape(caption_) + "</caption>";
  out += "<thead><tr>";
  for (const ConsoleTable::Column& column : columns_) {
    out += fmt::format("<th scope=\"col\"{}>{}",
                       column.align == ConsoleTable::Align::left ? " class=\"text\"" : "",
                       html_escape(column.header));
    if (!column.unit.empty()) out += " <span>" + html_escape(column.unit) + "</span>";
    out += "</th>";
  }
  return out + "</tr></thead>\n<tbody>\n" + rows_ + "</tbody></table></div>\n";
}

std::string html_paragraph(std::string_view text) { return "<p>" + html_escape(text) + "</p>\n"; }

std::string html_chart(std::string_view name, std::string_view description) {
  return fmt::format(
      "<div class=\"chart\" data-chart=\"{}\" role=\"img\" aria-label=\"{}\"></div>\n",
      html_escape(name), html_escape(description));
}

std::string html_page(const Page& page) {
  std::string navigation;
  std::string sections;
  for (const Section& section : page.sections) {
    navigation += fmt::format("<a href=\"#{}\">{}</a>\n", section.id, html_escape(section.title));
    sections += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", section.id,
                            html_escape(section.title), section.body);
  }
  if (!page.absent.empty()) {
    sections += "<section id=\"absent\">\n<h2>Not in this report</h2>\n<ul>\n";
    for (const std::string& sentence : page.absent) {
      sections += "<li>" + html_escape(sentence) + "</li>\n";
    }
    sections += "</ul>\n</section>\n";
  }
  return fill(report_template(),
              {{"TITLE", html_escape(page.title)},
               {"SUBTITLE", html_escape(page.subtitle)},
               {"VERSION", html_escape(tool_version())},
               {"STYLE", std::string(report_style())},
               {"NAVIGATION", navigation},
               {"CARDS", cards_html(page.cards)},
               {"SECTIONS", sections},
               {"DATA", json_for_script(page.charts)},
               {"ECHARTS", std::string(echarts_library())},
               {"SCRIPT", std::string(sweep_script()) + std::string(study_script()) +
                              std::string(mapping_script()) + std::string(compare_script()) +
                              std::string(report_script())}});
}

}  // namespace togglewise::report
