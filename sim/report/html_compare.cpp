#include "sim/report/html_compare.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/console_table.h"
#include "sim/report/html_document.h"
#include "sim/report/number_format.h"
#include "sim/report/result_json.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;
using Compare = nlohmann::json;

// Points [energy saved %, drop], and the front among them by energy saved.
Json series_of(const Compare& method, const char* drop) {
  Json points = Json::array();
  Json labels = Json::array();
  std::vector<std::pair<double, double>> front;
  for (const Compare& trial : method.at("trials")) {
    const auto saved = trial.at("energy_reduction_percent").get<double>();
    const auto lost = trial.at(drop).get<double>();
    points.push_back({saved, lost});
    labels.push_back(fmt::format("trial {}, strength {}", trial.at("trial").get<int>(),
                                 format_digits(trial.at("strength").get<double>(), 4)));
    if (trial.at("on_front").get<bool>()) front.emplace_back(saved, lost);
  }
  std::sort(front.begin(), front.end());
  return {{"points", points}, {"labels", labels}, {"front", front}};
}

void add_chart_section(Page& page, const Compare& compare) {
  Json chart = {{"limits", compare.at("limits_points")}, {"methods", Json::array()}};
  for (const Compare& method : compare.at("methods")) {
    chart["methods"].push_back({{"name", method.at("name")},
                                {"limit", series_of(method, "drop_points")},
                                {"final", series_of(method, "test_drop_points")}});
  }
  Section section{"fronts", "Accuracy against energy", ""};
  section.body += html_paragraph(
      "Every trial of every method, all trained, limited and measured alike. Energy: MAC dynamic "
      "of "
      "PEs that hold a weight, fidelity layer, against the dense int8 network. Drop: top-1 of the "
      "integer network below the float network on the same images. Lines join the trials that no "
      "other of the method beats on the images of the limit.");
  section.body += html_chart("compare", "Points and lines: accuracy lost against energy saved");
  page.charts["compare"] = std::move(chart);
  page.sections.push_back(std::move(section));
}

void add_limit_section(Page& page, const Compare& compare) {
  HtmlTable table({{"Method", "", Align::left},
                   {"Limit", "points"},
                   {"Energy saved", "%"},
                   {"Drop, images of the limit", "points"},
                   {"Drop, final images", "points"},
                   {"Trial", ""}});
  for (const Compare& method : compare.at("methods")) {
    for (const Compare& limit : method.at("limits")) {
      const bool kept = !limit.at("trial").is_null();
      const auto number = [&](const char* key, int digits) {
        return kept ? format_fixed(limit.at(key).get<double>(), digits) : "–";
      };
      table.add_row({method.at("name").get<std::string>(),
                     format_fixed(limit.at("limit_points").get<double>(), 2),
                     number("energy_reduction_percent", 1), number("drop_points", 2),
                     number("test_drop_points", 2), kept ? limit.at("trial").dump() : "none"});
    }
  }
  page.sections.push_back(
      {"limits", "What each limit allows",
       html_paragraph("The trial of the least energy that keeps the limit, with its margin, on the "
                      "images of the limit; the final images were looked at once, afterwards.") +
           table.html()});
}

void add_trial_section(Page& page, const Compare& compare) {
  HtmlTable table({{"Method", "", Align::left},
                   {"Trial", ""},
                   {"Strength", ""},
                   {"Energy", "nJ/image"},
                   {"Energy saved", "%"},
                   {"Drop, images of the limit", "points"},
                   {"Standard error", "points"},
                   {"Drop, final images", "points"},
                   {"Front", "", Align::left}});
  for (const Compare& method : compare.at("methods")) {
    for (const Compare& trial : method.at("trials")) {
      const auto number = [&](const char* key) { return trial.at(key).get<double>(); };
      table.add_row({method.at("name").get<std::string>(), trial.at("trial").dump(),
                     format_digits(number("strength"), 4),
                     format_digits(number("energy_fj_per_image") * 1e-6, 5),
                     format_fixed(number("energy_reduction_percent"), 1),
                     format_fixed(number("drop_points"), 2),
                     format_fixed(number("drop_standard_error_points"), 2),
                     format_fixed(number("test_drop_points"), 2),
                     trial.at("on_front").get<bool>() ? "front" : ""});
    }
  }
  page.sections.push_back({"trials", "All trials", table.html()});
}

std::string file_name(const Compare& compare, const char* key) {
  if (!compare.contains(key) || !compare.at(key).is_object()) return "–";
  return std::filesystem::path(compare.at(key).value("file", "")).filename().string();
}

void add_provenance_section(Page& page, const Compare& compare) {
  HtmlTable table({{"", "", Align::left}, {"", "", Align::left}});
  const Compare& dense = compare.at("dense");
  table.add_row({"Network", file_name(compare, "baseline")});
  table.add_row({"Workload", compare.at("workload").value("name", "")});
  table.add_row({"Hardware", file_name(compare, "hardware")});
  table.add_row({"Energy tables", file_name(compare, "tables")});
  for (const auto& [key, name] :
       {std::pair<const char*, const char*>{"holdout", "Limit"}, {"test", "Final figure"}}) {
    const Compare& set = dense.at(key);
    table.add_row({name, fmt::format("{} images: float {} %, dense int8 {} %",
                                     set.at("images").get<std::size_t>(),
                                     format_fixed(set.at("float_top1_percent").get<double>(), 2),
                                     format_fixed(set.at("top1_percent").get<double>(), 2))});
  }
  table.add_row(
      {"Dense int8",
       format_digits(dense.at("energy_fj_per_image").get<double>() * 1e-6, 5) + " nJ/image"});
  for (const auto& [method, seconds] : compare.at("timing").at("seconds").items()) {
    table.add_row({"Time of " + method, format_fixed(seconds.get<double>(), 0) + " s"});
  }
  table.add_row({"Seed", compare.at("seed").dump()});
  table.add_row({"Tool", "Togglewise " + tool_version()});
  page.sections.push_back({"provenance", "Where the numbers come from", table.html()});
}

// Of the loosest limit, the most that was saved.
void add_cards(Page& page, const Compare& compare) {
  for (const Compare& method : compare.at("methods")) {
    const Compare& limit = method.at("limits").back();
    const bool kept = !limit.at("trial").is_null();
    page.cards.push_back(
        {method.at("name").get<std::string>(),
         kept ? "−" + format_fixed(limit.at("energy_reduction_percent").get<double>(), 1) + " %"
              : "none",
         fmt::format("MAC dynamic within {} points",
                     format_fixed(limit.at("limit_points").get<double>(), 2)),
         Card::State::neutral});
  }
}

}  // namespace

std::string compare_html(const nlohmann::json& compare) {
  Page page;
  page.title = "Methods compared: " + compare.at("workload").value("name", "");
  page.subtitle = fmt::format(
      "{} methods on {}", compare.at("methods").size(),
      compare.at("hardware").is_object() ? compare.at("hardware").value("name", "") : "");
  add_cards(page, compare);
  add_chart_section(page, compare);
  add_limit_section(page, compare);
  add_trial_section(page, compare);
  add_provenance_section(page, compare);
  return html_page(page);
}

}  // namespace togglewise::report
