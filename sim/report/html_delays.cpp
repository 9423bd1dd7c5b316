#include "sim/report/html_delays.h"

#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

std::string kind_name(const std::string& kind) { return kind == "sta" ? "static" : "seen"; }

// A tenth of a picosecond is finer than anybody sees.
Json rounded(double value_ps) { return std::round(10 * value_ps) / 10; }

Json chart_of(const ResultFile& result) {
  Json weights = Json::array();
  Json series = Json::array();
  struct Column {
    const char* name;
    const char* path;
  };
  constexpr Column columns[] = {{"static", "any.sta_ps"},
                                {"seen", "any.sensitized_ps"},
                                {"static, activations ≥ 0", "nonnegative.sta_ps"},
                                {"seen, activations ≥ 0", "nonnegative.sensitized_ps"}};
  const Json& rows = array_at(result.json, "delays.weights");
  for (const Json& row : rows) weights.push_back(number_at(row, "weight"));
  for (const Column& column : columns) {
    Json delays_ps = Json::array();
    for (const Json& row : rows) delays_ps.push_back(rounded(number_at(row, column.path)));
    series.push_back({{"name", column.name}, {"delay_ps", delays_ps}});
  }
  Json chart = {{"weights", weights}, {"series", series}};
  if (find_value(result.json, "limit.limit_ps") != nullptr) {
    chart["limit_ps"] = rounded(number_at(result.json, "limit.limit_ps"));
  }
  return chart;
}

std::string layer_table(const Json& json) {
  HtmlTable table(
      {{"Layer", "", Align::left},
       {"Activations", "", Align::left},
       {"Weight values", ""},
       {"Static", "ps"},
       {"Seen", "ps"}},
      fmt::format("Longest delay of the values that {} has", text_at(json, "model.name")));
  for (const Json& layer : array_at(json, "network.layers")) {
    table.add_row({text_at(layer, "name"), text_at(layer, "activations") == "any" ? "any" : "≥ 0",
                   format_count(array_at(layer, "values").size()),
                   format_fixed(number_at(layer, "sta_ps"), 0),
                   format_fixed(number_at(layer, "sensitized_ps"), 0)});
  }
  table.add_row({"all", "", "", format_fixed(number_at(json, "network.sta_ps"), 0),
                 format_fixed(number_at(json, "network.sensitized_ps"), 0)},
                "total");
  return table.html();
}

std::string voltage_table(const Json& json) {
  HtmlTable table({{"Delay", "", Align::left},
                   {"On this supply", "", Align::left},
                   {"Weights", "", Align::left},
                   {"Clock", "ps"},
                   {"Longest", "ps"},
                   {"Supply", "V"},
                   {"Energy per toggle", "of nominal"}},
                  "Supply voltage by the relation that the configuration assumes");
  for (const Json& choice : array_at(json, "voltage.choices")) {
    table.add_row({kind_name(text_at(choice, "delay")),
                   text_at(choice, "supplied") == "macs" ? "MACs" : "MACs and accumulators",
                   text_at(choice, "scope"), format_fixed(number_at(choice, "clock_ps"), 0),
                   format_fixed(number_at(choice, "delay_ps"), 0),
                   format_fixed(number_at(choice, "supply_v"), 3),
                   format_percent(number_at(choice, "energy_factor"))});
  }
  return table.html();
}

}  // namespace

void add_delays_section(Page& page, const ResultFiles& results) {
  const auto all = results.of_command("delays");
  if (all.empty()) {
    page.absent.push_back(
        "Delays by weight value: 'togglewise delays' measures them, and what supply voltage a "
        "limit on them allows.");
    return;
  }
  Section section{"delays", "Delay of each weight value", ""};
  section.body += html_paragraph(
      "From clock edge to clock edge, with the weight standing still. Static: no transition takes "
      "longer. Seen: the longest of the transitions tried.");
  for (const ResultFile* result : all) {
    section.body += html_paragraph(
        fmt::format("{}: {}, critical path {} ps, accumulators {} ps", result->path,
                    text_at(result->json, "hardware.name"),
                    format_fixed(number_at(result->json, "delays.critical_path_ps"), 0),
                    format_fixed(number_at(result->json, "delays.accumulator_path_ps"), 0)));
    if (!array_at(result->json, "delays.weights").empty()) {
      section.body += html_chart(fmt::format("delays.{}", page.charts["delays"].size()),
                                 "Lines: longest delay of each weight value");
      page.charts["delays"].push_back(chart_of(*result));
    }
    if (find_value(result->json, "network") != nullptr) section.body += layer_table(result->json);
    if (find_value(result->json, "voltage") != nullptr) {
      section.body += voltage_table(result->json);
      section.body += html_paragraph(
          "At the shortest clock at which every value works at the nominal voltage, and at the "
          "configured one. Leakage is not scaled.");
    }
  }
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
