#include "sim/report/html_study.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "sim/report/html_document.h"
#include "sim/report/number_format.h"
#include "sim/report/result_files.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

struct ErrorKind {
  const char* key;  // in study.json
  const char* name;
};
constexpr ErrorKind kErrorKinds[] = {
    {"held_out", "layers held out"},
    {"compressed", "compressed network"},
    {"layer_fidelity_held_out", "statistics only, layers held out"},
    {"layer_fidelity_compressed", "statistics only, compressed network"},
    {"tables_of_all_layers", "tables of all layers"},
};

bool was_measured(const Json& study, const ErrorKind& kind) {
  return find_value(study.at("models").at(0), std::string(kind.key) + ".mean") != nullptr;
}

std::string percent(double fraction, int digits) { return format_digits(100 * fraction, digits); }

std::string mean_and_max(const Json& model, const std::string& key) {
  return percent(number_at(model, key + ".mean"), 2) + " / " +
         percent(number_at(model, key + ".max"), 2);
}

// The grouping with the least mean of held-out and compressed errors together.
const Json& best_grouping(const Json& study) {
  const Json* best = nullptr;
  double least = std::numeric_limits<double>::infinity();
  for (const Json& model : study.at("models")) {
    if (!model.at("is_grouping").get<bool>()) continue;
    const double error = number_at(model, "held_out.mean") + number_at(model, "compressed.mean");
    if (best == nullptr || error < least) {
      best = &model;
      least = error;
    }
  }
  return best == nullptr ? study.at("models").at(0) : *best;
}

void add_cards(Page& page, const Json& study) {
  const Json& best = best_grouping(study);
  page.cards.push_back(
      {"Least error", text_at(best, "name"), text_at(best, "formula"), Card::State::good});
  page.cards.push_back({"Layers held out", mean_and_max(best, "held_out") + " %",
                        "mean / max over the layers, against the gates", Card::State::neutral});
  page.cards.push_back({"Compressed network", mean_and_max(best, "compressed") + " %",
                        "mean / max, tables of the network as it was", Card::State::neutral});
  page.cards.push_back({"R² per transition", format_fixed(number_at(best, "samples.r_squared"), 4),
                        "layers held out", Card::State::neutral});
}

void add_error_section(Page& page, const Json& study) {
  Json names = Json::array();
  Json groupings = Json::array();
  for (const Json& model : study.at("models")) {
    names.push_back(model.at("name"));
    groupings.push_back(model.at("is_grouping"));
  }
  Json metrics = Json::array();
  for (const ErrorKind& kind : kErrorKinds) {
    if (!was_measured(study, kind)) continue;
    Json mean = Json::array();
    Json max = Json::array();
    for (const Json& model : study.at("models")) {
      mean.push_back(100 * number_at(model, std::string(kind.key) + ".mean"));
      max.push_back(100 * number_at(model, std::string(kind.key) + ".max"));
    }
    metrics.push_back({{"name", kind.name}, {"mean", mean}, {"max", max}});
  }
  page.charts["study-errors"] = {{"names", names}, {"groupings", groupings}, {"metrics", metrics}};
  Section section{"errors", "Error per layer", ""};
  section.body += html_paragraph(
      "Bars: mean over the layers of the error of a layer's energy; whiskers: the worst layer. "
      "The energies are compared with all transitions of all images put through the gates. Layers "
      "held out: tables fitted to every other layer predict the rest, and back.");
  section.body += html_paragraph(fmt::format(
      "Compressed network: {}. {} of its weights are zero.", text_at(study, "compressed_network"),
      format_percent(number_at(study, "compressed_zero_weights"))));
  section.body += html_chart("study-errors", "Bars: error of each model, with the worst layer");
  page.sections.push_back(std::move(section));
}

Json layer_row(const Json& errors, const Json& layers) {
  Json row = Json::array();
  for (const Json& layer : layers) {
    row.push_back(100 * std::abs(errors.at("layers").at(layer.get<std::string>()).get<double>()));
  }
  row.push_back(100 * std::abs(errors.at("total").get<double>()));
  return row;
}

// One heat map per network; the compressed one may have other layers.
void add_layer_map(Page& page, const Json& study, const std::string& layers_key,
                   const std::vector<ErrorKind>& kinds, Section& section) {
  Json columns = Json::array();
  Json layers = Json::array();
  for (const Json& layer : study.at(layers_key)) layers.push_back(layer.at("name"));
  columns = layers;
  columns.push_back("network");
  Json rows = Json::array();
  for (const Json& model : study.at("models")) rows.push_back(model.at("name"));
  Json metrics = Json::array();
  for (const ErrorKind& kind : kinds) {
    if (!was_measured(study, kind)) continue;
    Json values = Json::array();
    for (const Json& model : study.at("models")) {
      values.push_back(layer_row(model.at(kind.key), layers));
    }
    metrics.push_back(
        {{"name", kind.name}, {"unit", "%"}, {"values", values}, {"logarithmic", true}});
  }
  section.body += html_chart(fmt::format("sweep-map.{}", page.charts["sweep-map"].size()),
                             "Heat map: error of models against layers");
  page.charts["sweep-map"].push_back({{"columns", columns},
                                      {"column_axis", ""},
                                      {"row_axis", ""},
                                      {"rows", rows},
                                      {"names", rows},
                                      {"metrics", metrics}});
}

void add_layer_section(Page& page, const Json& study) {
  Section section{"layers", "Which layers", ""};
  section.body += html_paragraph("Magnitude of the error in percent, of the network as it was:");
  add_layer_map(page, study, "layers", {kErrorKinds[0], kErrorKinds[2], kErrorKinds[4]}, section);
  section.body += html_paragraph("And of the compressed network:");
  add_layer_map(page, study, "compressed_layers", {kErrorKinds[1], kErrorKinds[3]}, section);
  page.sections.push_back(std::move(section));
}

void add_sample_section(Page& page, const Json& study) {
  if (study.at("models").at(0).at("by_samples").size() < 2) return;
  Json series = Json::array();
  for (const Json& model : study.at("models")) {
    if (!model.at("is_grouping").get<bool>()) continue;
    Json points = Json::array();
    for (const Json& at : model.at("by_samples")) {
      points.push_back({at.at("transitions_per_weight"), 100 * number_at(at, "held_out_mean"),
                        100 * number_at(at, "held_out_max"), number_at(at, "r_squared")});
    }
    series.push_back({{"name", model.at("name")}, {"points", points}});
  }
  page.charts["study-samples"] = {{"series", series}};
  Section section{"samples", "How many samples", ""};
  section.body += html_paragraph(fmt::format(
      "Error of layers held out when tables are fitted to fewer transitions per weight value. "
      "Tables over pairs of activations also have {} transitions per weight value that cover all "
      "pairs.",
      format_count(study.at("covering_transitions_per_weight").get<std::uint64_t>())));
  section.body += html_chart("study-samples", "Lines: error against transitions per weight");
  page.sections.push_back(std::move(section));
}

// Numbers in a page need not be longer than a screen can show.
Json rounded(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(std::round(value * 100) / 100);
  return json;
}

void add_weight_section(Page& page, const StudyPage& study) {
  Json models = Json::array();
  for (const Json& model : study.study.at("models")) models.push_back(model.at("name"));
  Json layers = Json::array();
  for (const StudyPage::Layer& layer : study.weight_energies) {
    Json predicted = Json::array();
    for (const auto& of_model : layer.predicted_fj) predicted.push_back(rounded(of_model));
    layers.push_back({{"name", layer.name},
                      {"weights", layer.weights},
                      {"measured_fj", rounded(layer.measured_fj)},
                      {"predicted_fj", predicted}});
  }
  page.charts["study-weights"] = {{"models", models},
                                  {"best", text_at(best_grouping(study.study), "name")},
                                  {"layers", layers}};
  Section section{"weights", "Energy of each weight value", ""};
  section.body += html_paragraph(
      "Mean energy of a transition, one point for each weight value: by the gates, and predicted "
      "by a model that has not seen the layer, for the same operands.");
  section.body += html_chart("study-weights", "Scatter: predicted against gate-level energy");
  page.sections.push_back(std::move(section));
}

void add_table_section(Page& page, const Json& study) {
  HtmlTable table({{"Model", "", Align::left},
                   {"Cells", "per weight"},
                   {"Populated", "%"},
                   {"R²", ""},
                   {"Layers held out", "mean / max %"},
                   {"Network", "%"},
                   {"Compressed", "mean / max %"},
                   {"Statistics only", "mean / max %"},
                   {"E(w)", "mean / max %"},
                   {"E of layer and weight", "mean / max %"},
                   {"Rank correlation", "least"},
                   {"Samples needed", "per weight"}});
  for (const Json& model : study.at("models")) {
    table.add_row(
        {text_at(model, "name"), format_count(model.at("cells_per_weight").get<std::uint64_t>()),
         format_fixed(100 * number_at(model, "populated_cells") / number_at(model, "cells"), 0),
         format_fixed(number_at(model, "samples.r_squared"), 4), mean_and_max(model, "held_out"),
         format_fixed(100 * number_at(model, "held_out.total"), 2),
         mean_and_max(model, "compressed"), mean_and_max(model, "layer_fidelity_held_out"),
         percent(number_at(model, "samples.weight_error_mean"), 2) + " / " +
             percent(number_at(model, "samples.weight_error_max"), 2),
         percent(number_at(model, "samples.layer_weight_error_mean"), 2) + " / " +
             percent(number_at(model, "samples.layer_weight_error_max"), 2),
         format_fixed(number_at(model, "samples.rank_correlation_min"), 4),
         format_count(model.at("transitions_needed_per_weight").get<std::uint64_t>())},
        &model == &best_grouping(study) ? "total" : "");
  }
  HtmlTable formulas({{"Model", "", Align::left}, {"Energy of a transition", "", Align::left}});
  for (const Json& model : study.at("models")) {
    formulas.add_row({text_at(model, "name"), text_at(model, "formula")});
  }
  page.sections.push_back(
      {"models", "All figures",
       html_paragraph("R², E(w), E of layer and weight and rank correlation (Spearman's, over the "
                      "weight values, of the worst layer) are of layers held out.") +
           table.html() + formulas.html()});
}

void add_provenance_section(Page& page, const Json& study) {
  HtmlTable table({{"", "", Align::left}, {"", "", Align::left}});
  table.add_row({"Hardware", text_at(study, "hardware.name")});
  table.add_row({"Cell library",
                 std::filesystem::path(text_at(study, "hardware.liberty")).filename().string()});
  table.add_row({"Timing of the gates", text_at(study, "timing_of_gates")});
  table.add_row({"Network", text_at(study, "model.name")});
  table.add_row({"Operands", text_at(study, "operands")});
  table.add_row({"Samples", format_count(study.at("transitions_per_weight").get<std::uint64_t>()) +
                                " transitions per weight value"});
  table.add_row({"Seed", study.at("seed").dump()});
  table.add_row({"Tool", "Togglewise " + tool_version()});
  page.sections.push_back({"provenance", "Where the numbers come from", table.html()});
}

}  // namespace

std::string study_html(const StudyPage& study) {
  Page page;
  page.title = "Groupings of transitions: " + text_at(study.study, "model.name");
  page.subtitle =
      fmt::format("{}, {} timing, {}", text_at(study.study, "hardware.name"),
                  text_at(study.study, "timing_of_gates"), text_at(study.study, "operands"));
  add_cards(page, study.study);
  add_error_section(page, study.study);
  add_table_section(page, study.study);
  add_layer_section(page, study.study);
  add_sample_section(page, study.study);
  add_weight_section(page, study);
  add_provenance_section(page, study.study);
  return html_page(page);
}

}  // namespace togglewise::report
