#include "sim/report/html_energy.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/energy/energy_breakdown.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

constexpr double fj_per_nj = 1e6;

std::string words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

// "12.34 ± 0.56", or without interval where the result has none; `sum` is "mac_dynamic".
std::string with_interval(const Json& json, const std::string& sum) {
  const double energy_nj = nanojoules(json, sum + "_fj_per_image");
  const double half_width_nj = nanojoules(json, sum + "_half_width_fj_per_image");
  const std::string text = format_fixed(energy_nj, 2);
  return std::isfinite(half_width_nj) ? text + " ± " + format_fixed(half_width_nj, 2) : text;
}

// How every line came about; the same for all layers.
std::string source_table(const Json* sources) {
  if (sources == nullptr || !sources->is_array() || sources->empty()) return "";
  HtmlTable table({{"Component", "", Align::left}, {"Source", "", Align::left}},
                  "Where the energies come from");
  for (const Json& source : *sources) {
    table.add_row({words(text_at(source, "line")), text_at(source, "source")});
  }
  return table.html();
}

std::string interval_sentence(const Json* interval) {
  if (interval == nullptr) return "";
  const std::string absent = text_at(*interval, "absent");
  if (!absent.empty()) return html_paragraph("Intervals: " + absent + ".");
  return html_paragraph(fmt::format(
      "± is the half-width of the {} % confidence interval over {} {}; clock, leakage and the "
      "loading of weights do not vary with the image.",
      format_fixed(100 * number_at(*interval, "confidence"), 0),
      format_fixed(number_at(*interval, "observations"), 0), text_at(*interval, "over")));
}

// "mac", "array" or "cycle": which of the three sums a component belongs to.
std::string component_group(std::size_t index) {
  constexpr std::size_t mac_components = 5;
  constexpr std::size_t dynamic_components = 12;
  return index < mac_components ? "mac" : index < dynamic_components ? "array" : "cycle";
}

Json energy_chart(const EnergyComparison& comparison) {
  Json chart = {{"unit", "nJ/image"}, {"bars", Json::array()}, {"layers", Json::array()}};
  for (const Json& layer : array_at(*comparison.after, "layers")) {
    chart["layers"].push_back(text_at(layer, "name"));
  }
  if (comparison.before != nullptr) chart["bars"].push_back("dense");
  chart["bars"].push_back(comparison.before != nullptr ? "compressed" : comparison.fidelity);

  Json components = Json::array();
  const auto lines = energy::EnergyBreakdown().lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Json component = {{"key", lines[i].first},
                      {"label", words(lines[i].first)},
                      {"group", component_group(i)},
                      {"values", Json::array()}};
    for (const Json* network : {comparison.before, comparison.after}) {
      if (network == nullptr) continue;
      Json values = Json::array();
      for (const Json& layer : array_at(*network, "layers")) {
        values.push_back(nanojoules(layer, "energy_fj_per_image." + lines[i].first));
      }
      component["values"].push_back(std::move(values));
    }
    components.push_back(std::move(component));
  }
  chart["components"] = std::move(components);
  // Half-widths by scope; those of the total are those of dynamic.
  for (const auto& [scope, sum] : {std::pair{"mac", "mac_dynamic"}, std::pair{"dynamic", "dynamic"},
                                   std::pair{"total", "total"}}) {
    Json networks = Json::array();
    for (const Json* network : {comparison.before, comparison.after}) {
      if (network == nullptr) continue;
      Json values = Json::array();
      for (const Json& layer : array_at(*network, "layers")) {
        values.push_back(nanojoules(layer, std::string(sum) + "_half_width_fj_per_image"));
      }
      networks.push_back(std::move(values));
    }
    chart["half_widths"][scope] = std::move(networks);
  }
  return chart;
}

std::string single_energy_table(const EnergyComparison& comparison) {
  HtmlTable table({{"Layer", "", Align::left},
                   {"MAC dynamic", "nJ/image"},
                   {"Dynamic", "nJ/image"},
                   {"Total", "nJ/image"},
                   {"Power", "mW"}});
  const auto add = [&](const std::string& name, const Json& json, const char* css_class) {
    table.add_row({name, with_interval(json, "mac_dynamic"), with_interval(json, "dynamic"),
                   with_interval(json, "total"), format_fixed(number_at(json, "power_mw"), 2)},
                  css_class);
  };
  for (const Json& layer : array_at(*comparison.after, "layers")) {
    add(text_at(layer, "name"), layer, "");
  }
  if (const Json* total = find_value(*comparison.after, "total")) add("total", *total, "total");
  return table.html();
}

std::string comparison_table(const EnergyComparison& comparison) {
  HtmlTable table({{"Layer", "", Align::left},
                   {"MAC dynamic, dense", "nJ/image"},
                   {"compressed", "nJ/image"},
                   {"change", ""},
                   {"Dynamic, dense", "nJ/image"},
                   {"compressed", "nJ/image"},
                   {"change", ""},
                   {"Total, dense", "nJ/image"},
                   {"compressed", "nJ/image"},
                   {"change", ""}});
  const auto add = [&](const std::string& name, const Json& before, const Json& after,
                       const char* css_class) {
    std::vector<std::string> cells = {name};
    for (const std::string sum : {"mac_dynamic", "dynamic", "total"}) {
      const double before_nj = nanojoules(before, sum + "_fj_per_image");
      const double after_nj = nanojoules(after, sum + "_fj_per_image");
      cells.push_back(with_interval(before, sum));
      cells.push_back(with_interval(after, sum));
      cells.push_back(format_change(relative_change(before_nj, after_nj)));
    }
    table.add_row(cells, css_class);
  };
  const Json& before = array_at(*comparison.before, "layers");
  const Json& after = array_at(*comparison.after, "layers");
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    add(text_at(after[i], "name"), before[i], after[i], "");
  }
  const Json* total_before = find_value(*comparison.before, "total");
  const Json* total_after = find_value(*comparison.after, "total");
  if (total_before != nullptr && total_after != nullptr) {
    add("total", *total_before, *total_after, "total");
  }
  return table.html();
}

std::string component_table(const EnergyComparison& comparison) {
  const bool both = comparison.before != nullptr;
  std::vector<ConsoleTable::Column> columns = {{"Component", "", Align::left}};
  if (both) columns.push_back({"dense", "nJ/image"});
  columns.push_back({both ? "compressed" : "energy", "nJ/image"});
  columns.push_back({both ? "change" : "share of total", ""});
  HtmlTable table(columns, "All layers by component");
  const double total_nj = nanojoules(*comparison.after, "total.total_fj_per_image");
  const auto add = [&](const std::string& name, const std::string& path, const char* css_class) {
    const double after_nj = nanojoules(*comparison.after, path);
    if (!both) {
      table.add_row({name, format_fixed(after_nj, 2), format_percent(after_nj / total_nj)},
                    css_class);
      return;
    }
    const double before_nj = nanojoules(*comparison.before, path);
    table.add_row({name, format_fixed(before_nj, 2), format_fixed(after_nj, 2),
                   format_change(relative_change(before_nj, after_nj))},
                  css_class);
  };
  const auto lines = energy::EnergyBreakdown().lines();
  for (const auto& line : lines) {
    add(words(line.first), "total.energy_fj_per_image." + line.first, "");
  }
  add("MAC dynamic (the first five)", "total.mac_dynamic_fj_per_image", "total");
  add("dynamic (all but clock and leakage)", "total.dynamic_fj_per_image", "total");
  add("total", "total.total_fj_per_image", "total");
  return table.html();
}

}  // namespace

double nanojoules(const Json& json, const std::string& path) {
  return number_at(json, path) / fj_per_nj;
}

int certainty(const std::string& fidelity) {
  const std::vector<std::string> names = {"layer", "table", "gate", "rtl"};
  const auto found = std::find(names.begin(), names.end(), fidelity);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

EnergyComparison energy_comparison(const ResultFiles& results) {
  EnergyComparison comparison;
  for (const ResultFile* validate : results.of_command("validate")) {
    const Json* before = find_value(validate->json, "gate.before");
    const Json* after = find_value(validate->json, "gate.after");
    if (after == nullptr) continue;
    if (comparison.after == nullptr || before != nullptr) {
      comparison = {validate->path,
                    "gate",
                    text_at(validate->json, "gate.timing_model"),
                    number_at(validate->json, "images"),
                    before,
                    after,
                    find_value(validate->json, "gate.confidence_interval"),
                    find_value(validate->json, "gate.sources")};
    }
    if (before != nullptr) return comparison;
  }
  // No network before and after: the most certain result, and of those the one of most images.
  for (const ResultFile* simulate : results.of_command("simulate")) {
    const std::string fidelity = text_at(simulate->json, "fidelity");
    if (certainty(fidelity) < 0) continue;  // no energies: cycles, toggles
    const double images = number_at(simulate->json, "images");
    const int gained = certainty(fidelity) - certainty(comparison.fidelity);
    if (comparison.after == nullptr || gained > 0 || (gained == 0 && images > comparison.images)) {
      comparison = {simulate->path,
                    fidelity,
                    text_at(simulate->json, "timing_model"),
                    images,
                    nullptr,
                    &simulate->json,
                    find_value(simulate->json, "confidence_interval"),
                    find_value(simulate->json, "sources")};
    }
  }
  return comparison;
}

void add_energy_section(Page& page, const ResultFiles& results) {
  const EnergyComparison comparison = energy_comparison(results);
  if (comparison.after == nullptr) {
    page.absent.push_back(
        "Energy per layer: 'togglewise simulate' measures one network, 'togglewise validate' a "
        "network before and after compression.");
    return;
  }
  page.charts["energy"] = energy_chart(comparison);
  Section section{"energy", "Energy per layer", ""};
  section.body += html_paragraph(fmt::format(
      "Mean of {} images at fidelity {}, {} ({}). MAC dynamic is what switches in the processing "
      "elements that hold a weight of the layer; dynamic adds the rest of the array, total adds "
      "clock and leakage.",
      format_fixed(comparison.images, 0), comparison.fidelity, comparison.timing, comparison.file));
  section.body += interval_sentence(comparison.interval);
  section.body += html_chart("energy", "Stacked bars: energy per layer and component");
  section.body +=
      comparison.before == nullptr ? single_energy_table(comparison) : comparison_table(comparison);
  section.body += component_table(comparison) + source_table(comparison.sources);
  page.sections.push_back(std::move(section));
}

void add_cycles_section(Page& page, const ResultFiles& results) {
  const EnergyComparison comparison = energy_comparison(results);
  if (comparison.after == nullptr) return;  // the energy section says what is missing
  Section section{"cycles", "Cycles and utilization", ""};
  section.body += html_paragraph(
      "A cycle is compute when an activation vector enters the array, weight load when only "
      "weights "
      "move, fill and drain when the array waits for itself, and stall when it waits for a memory. "
      "Utilization is multiply-accumulates done over "
      "those that the array could have done in the same cycles.");
  section.body += html_chart("cycles", "Stacked bars: cycles per layer");
  HtmlTable table({{"Layer", "", Align::left},
                   {"Kind", "", Align::left},
                   {"K×N×M", "", Align::left},
                   {"Tiles", ""},
                   {"Compute", "cycles"},
                   {"Weight load", "cycles"},
                   {"Fill and drain", "cycles"},
                   {"Stall", "cycles"},
                   {"All", "cycles/batch"},
                   {"MACs", "/batch"},
                   {"Utilization", "%"},
                   {"Power", "mW"}});
  Json chart = {{"layers", Json::array()}, {"series", Json::array()}};
  for (const auto& [key, label] :
       {std::pair{"compute_cycles", "compute"}, std::pair{"weight_load_cycles", "weight load"},
        std::pair{"fill_drain_cycles", "fill and drain"}, std::pair{"stall_cycles", "stall"}}) {
    Json values = Json::array();
    for (const Json& layer : array_at(*comparison.after, "layers")) {
      values.push_back(number_at(layer, key));
    }
    chart["series"].push_back({{"label", label}, {"cycles", std::move(values)}});
  }
  for (const Json& layer : array_at(*comparison.after, "layers")) {
    const auto count = [&layer](const char* key) { return format_fixed(number_at(layer, key), 0); };
    chart["layers"].push_back(text_at(layer, "name"));
    table.add_row({text_at(layer, "name"), words(text_at(layer, "kind")),
                   fmt::format("{}×{}×{}", count("reduction_k"), count("output_channels_n"),
                               count("output_pixels_m")),
                   count("tiles"), count("compute_cycles"), count("weight_load_cycles"),
                   count("fill_drain_cycles"), count("stall_cycles"), count("cycles_per_batch"),
                   count("macs_per_batch"), format_fixed(100 * number_at(layer, "utilization"), 1),
                   format_fixed(number_at(layer, "power_mw"), 2)});
  }
  const auto sum = [&comparison](const char* key) {
    double total = 0;
    for (const Json& layer : array_at(*comparison.after, "layers")) total += number_at(layer, key);
    return format_fixed(total, 0);
  };
  table.add_row(
      {"total", "", "", sum("tiles"), sum("compute_cycles"), sum("weight_load_cycles"),
       sum("fill_drain_cycles"), sum("stall_cycles"), sum("cycles_per_batch"),
       sum("macs_per_batch"), "", format_fixed(number_at(*comparison.after, "total.power_mw"), 2)},
      "total");
  page.charts["cycles"] = std::move(chart);
  section.body += table.html();
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
