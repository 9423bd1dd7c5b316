#include "sim/report/html_mapping.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

constexpr double fj_per_nj = 1e6;

// The sums of a breakdown that people choose from: key in results, words.
const std::vector<std::pair<std::string, std::string>>& scopes() {
  static const std::vector<std::pair<std::string, std::string>> all{
      {"mac_dynamic", "MAC dynamic"}, {"dynamic", "dynamic"}, {"total", "total"}};
  return all;
}

std::string words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

// Key of the sum `scope` in a result, after the path of an object.
std::string fj_key(const std::string& path, const std::string& scope) {
  return path + "." + scope + "_fj_per_image";
}

double saved_fj(const Json& trick, const std::string& scope) {
  const Json* kept = find_value(trick, "kept");
  if (kept == nullptr || !kept->is_boolean() || !kept->get<bool>()) return 0;
  return number_at(trick, fj_key("before", scope)) - number_at(trick, fj_key("after", scope));
}

// Percent of each layer's natural energy that each trick saves, and of all layers' together.
Json tricks_chart(const Json& map) {
  const Json& layers = array_at(map, "layers");
  Json chart = {{"layers", Json::array()}, {"scopes", Json::array()}, {"tricks", Json::array()}};
  for (const Json& layer : layers) chart["layers"].push_back(text_at(layer, "name"));
  chart["layers"].push_back("all layers");
  for (const auto& scope : scopes()) chart["scopes"].push_back(scope.second);
  for (const Json& sum : array_at(map, "tricks")) {
    const std::string name = text_at(sum, "trick");
    Json percent = Json::array();  // [scope][layer]
    for (const auto& scope : scopes()) {
      Json values = Json::array();
      for (const Json& layer : layers) {
        double saved = 0;
        for (const Json& trick : array_at(layer, "tricks")) {
          if (text_at(trick, "trick") == name) saved += saved_fj(trick, scope.first);
        }
        values.push_back(100 * saved / number_at(layer, fj_key("natural", scope.first)));
      }
      values.push_back(100 * number_at(sum, "saved_" + scope.first + "_fj_per_image") /
                       number_at(map, fj_key("judged.natural", scope.first)));
      percent.push_back(std::move(values));
    }
    chart["tricks"].push_back({{"name", words(name)}, {"percent", std::move(percent)}});
  }
  return chart;
}

// Where there are test images: natural beside mapped, nanojoules per image.
Json layers_chart(const Json& map) {
  Json chart = {{"layers", Json::array()}, {"scopes", Json::array()}};
  for (const Json& layer : array_at(map, "test.natural.layers")) {
    chart["layers"].push_back(text_at(layer, "name"));
  }
  for (const auto& scope : scopes()) {
    chart["scopes"].push_back(scope.second);
    for (const char* kind : {"natural", "mapped"}) {
      Json values = Json::array();
      for (const Json& layer : array_at(map, fmt::format("test.{}.layers", kind))) {
        values.push_back(number_at(layer, scope.first + "_fj_per_image") / fj_per_nj);
      }
      chart[kind].push_back(std::move(values));
    }
  }
  return chart;
}

std::string test_table(const Json& map) {
  HtmlTable table(
      {{"Energy", "", Align::left},
       {"natural", "nJ/image"},
       {"mapped", "nJ/image"},
       {"change", ""},
       {"±", "95 %, over images"}},
      fmt::format("On {}, which the search has not seen", text_at(map, "test.image_source")));
  for (const auto& [key, name] : scopes()) {
    const double half_width = number_at(map, "test.change." + key + ".half_width");
    table.add_row({name,
                   format_fixed(number_at(map, fj_key("test.natural.total", key)) / fj_per_nj, 2),
                   format_fixed(number_at(map, fj_key("test.mapped.total", key)) / fj_per_nj, 2),
                   format_change(number_at(map, "test.change." + key + ".fraction")),
                   std::isfinite(half_width) ? format_percent(half_width) : "no interval"});
  }
  return table.html();
}

std::string trick_table(const Json& map) {
  HtmlTable table({{"Trick", "", Align::left},
                   {"Layers", "kept / tried"},
                   {"MAC dynamic", "of natural"},
                   {"Dynamic", "of natural"},
                   {"Total", "of natural"}},
                  "What each trick changes, one on top of the other");
  for (const Json& sum : array_at(map, "tricks")) {
    const double tried = number_at(sum, "layers_tried");
    std::vector<std::string> row{
        words(text_at(sum, "trick")),
        tried > 0 ? fmt::format("{} / {}", format_fixed(number_at(sum, "layers_kept"), 0),
                                format_fixed(tried, 0))
                  : ""};
    for (const auto& scope : scopes()) {
      row.push_back(format_change(-number_at(sum, "saved_" + scope.first + "_fj_per_image") /
                                  number_at(map, fj_key("judged.natural", scope.first))));
    }
    table.add_row(row);
  }
  std::vector<std::string> all{"all", ""};
  for (const auto& scope : scopes()) {
    all.push_back(
        format_change(relative_change(number_at(map, fj_key("judged.natural", scope.first)),
                                      number_at(map, fj_key("judged.mapped", scope.first)))));
  }
  table.add_row(all, "total");
  return table.html();
}

std::string layer_table(const Json& map) {
  HtmlTable table({{"Layer", "", Align::left},
                   {"Negated", "columns"},
                   {"Own row order", "tiles"},
                   {"Unused rows", "", Align::left},
                   {"Pixels", "", Align::left},
                   {"Pixel table", "bytes"},
                   {"Tiles", "", Align::left},
                   {"natural", "nJ/image"},
                   {"mapped", "nJ/image"},
                   {"MAC dynamic", ""},
                   {"Total", ""}},
                  "MAC dynamic energy of each layer on the images that judged");
  for (const Json& layer : array_at(map, "layers")) {
    const auto count = [&](const char* key) {
      return format_fixed(number_at(layer, std::string("mapping.") + key), 0);
    };
    const auto change = [&](const char* scope) {
      return format_change(relative_change(number_at(layer, fj_key("natural", scope)),
                                           number_at(layer, fj_key("mapped", scope))));
    };
    const Json* on_top = find_value(layer, "mapping.unused_rows_on_top");
    table.add_row({text_at(layer, "name"), count("negated_columns") + " / " + count("columns"),
                   count("tiles_with_row_order") + " / " + count("tiles"),
                   on_top != nullptr && *on_top == true ? "on top" : "below",
                   text_at(layer, "mapping.pixel_order"), count("pixel_table_bytes"),
                   text_at(layer, "mapping.tile_order"),
                   format_fixed(number_at(layer, fj_key("natural", "mac_dynamic")) / fj_per_nj, 2),
                   format_fixed(number_at(layer, fj_key("mapped", "mac_dynamic")) / fj_per_nj, 2),
                   change("mac_dynamic"), change("total")});
  }
  return table.html();
}

}  // namespace

void add_mapping_section(Page& page, const ResultFiles& results) {
  const ResultFile* file = results.first("map");
  if (file == nullptr) {
    page.absent.push_back(
        "Mapping: 'togglewise map' finds how the layers lie best on the array; no result of the "
        "network changes.");
    return;
  }
  const Json& map = file->json;
  Section section{"mapping", "How the layers lie on the array", ""};
  const double offset = number_at(map, "mapping.partial_sum_offset");
  section.body += html_paragraph(fmt::format(
      "Energy-table proposals from {} images ({}), each kept where the gates measured less on {} "
      "others; fidelity gate, {} ({}). The numbers that the array computes are those of the "
      "natural mapping.{}",
      format_fixed(number_at(map, "search.proposing_images"), 0),
      text_at(map, "search.image_source"), format_fixed(number_at(map, "search.judging_images"), 0),
      text_at(map, "timing_model"), file->path,
      offset != 0 ? fmt::format(" Partial sums start at {}.", format_fixed(offset, 0)) : ""));
  if (find_value(map, "test") != nullptr) {
    page.charts["mappingLayers"] = layers_chart(map);
    section.body += html_chart("mappingLayers", "Bars: energy per layer, natural and mapped");
    section.body += test_table(map);
  }
  page.charts["mappingTricks"] = tricks_chart(map);
  section.body += html_chart("mappingTricks", "Stacked bars: what each trick saves, per layer");
  section.body += trick_table(map) + layer_table(map);
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
