#include "sim/report/html_agreement.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/html_energy.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

// simulate.json files that differ in nothing but the fidelity.
struct FidelityGroup {
  std::string title;
  std::vector<const ResultFile*> runs;  // from fast to certain
};

std::vector<FidelityGroup> fidelity_groups(const ResultFiles& results) {
  std::vector<std::pair<std::string, FidelityGroup>> groups;
  for (const ResultFile* file : results.of_command("simulate")) {
    const Json& json = file->json;
    if (find_value(json, "total.mac_dynamic_fj_per_image") == nullptr) continue;  // cycles only
    const std::string images = format_fixed(number_at(json, "images"), 0);
    const std::string key = text_at(json, "hardware.name") + '\n' + text_at(json, "model.hash") +
                            '\n' + images + '\n' + text_at(json, "image_source") + '\n' +
                            text_at(json, "timing_model") + '\n' + text_at(json, "mapping.hash");
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&key](const auto& entry) { return entry.first == key; });
    if (group == groups.end()) {
      groups.push_back(
          {key,
           {fmt::format("{} ({}) on {}, {}, {} images{}", text_at(json, "model.name"),
                        text_at(json, "model.hash").substr(0, 8), text_at(json, "hardware.name"),
                        text_at(json, "timing_model"), images,
                        text_at(json, "mapping.hash").empty() ? "" : ", mapped"),
            {}}});
      group = std::prev(groups.end());
    }
    std::vector<const ResultFile*>& runs = group->second.runs;
    const std::string fidelity = text_at(json, "fidelity");
    const bool repeated = std::any_of(runs.begin(), runs.end(), [&](const ResultFile* run) {
      return text_at(run->json, "fidelity") == fidelity;
    });
    if (!repeated) runs.push_back(file);
  }
  std::vector<FidelityGroup> comparable;
  for (auto& [key, group] : groups) {
    if (group.runs.size() < 2) continue;
    std::stable_sort(
        group.runs.begin(), group.runs.end(), [](const ResultFile* a, const ResultFile* b) {
          return certainty(text_at(a->json, "fidelity")) < certainty(text_at(b->json, "fidelity"));
        });
    comparable.push_back(std::move(group));
  }
  return comparable;
}

// One column of energies that is compared: a run's own, or the layer-agnostic model beside it.
struct Estimate {
  std::string name;
  const Json* run = nullptr;
  const char* key = nullptr;  // of a layer and of the total, femtojoules
};

constexpr const char* mac_dynamic_key = "mac_dynamic_fj_per_image";
constexpr const char* half_width_key = "mac_dynamic_half_width_fj_per_image";
constexpr const char* agnostic_key = "layer_agnostic_mac_dynamic_fj_per_image";

// The most certain first.
std::vector<Estimate> estimates_of(const FidelityGroup& group) {
  std::vector<Estimate> estimates;
  for (auto run = group.runs.rbegin(); run != group.runs.rend(); ++run) {
    const Json& json = (*run)->json;
    estimates.push_back({text_at(json, "fidelity"), &json, mac_dynamic_key});
  }
  for (const ResultFile* run : group.runs) {
    if (!std::isfinite(number_at(run->json, std::string("total.") + agnostic_key))) continue;
    estimates.push_back({"layer-agnostic", &run->json, agnostic_key});
    break;
  }
  return estimates;
}

std::string agreement_table(const FidelityGroup& group, Json& chart) {
  const std::vector<Estimate> estimates = estimates_of(group);
  const Estimate& reference = estimates.front();
  std::vector<ConsoleTable::Column> columns = {
      {"Layer", "", Align::left}, {reference.name, "nJ/image"}, {"±", "95 %, over images"}};
  chart = {{"title", group.title},
           {"reference", reference.name},
           {"layers", Json::array()},
           {"interval_percent", Json::array()},
           {"series", Json::array()}};
  for (std::size_t i = 1; i < estimates.size(); ++i) {
    columns.push_back({estimates[i].name, "nJ/image"});
    columns.push_back({"difference", "to " + reference.name});
    chart["series"].push_back(
        {{"fidelity", estimates[i].name}, {"difference_percent", Json::array()}});
  }
  HtmlTable table(columns, group.title);
  const auto add = [&](const std::string& name, const auto& energy_nj, bool is_total) {
    const double reference_nj = energy_nj(reference);
    const double half_width_nj = energy_nj({"", reference.run, half_width_key});
    std::vector<std::string> cells = {
        name, format_fixed(reference_nj, 2),
        std::isfinite(half_width_nj) ? format_fixed(half_width_nj, 2) : "no interval"};
    if (!is_total) chart["interval_percent"].push_back(100 * half_width_nj / reference_nj);
    for (std::size_t i = 1; i < estimates.size(); ++i) {
      const double estimate_nj = energy_nj(estimates[i]);
      const double difference = relative_change(reference_nj, estimate_nj);
      cells.push_back(format_fixed(estimate_nj, 2));
      cells.push_back(format_change(difference, 2));
      if (!is_total) chart["series"][i - 1]["difference_percent"].push_back(100 * difference);
    }
    table.add_row(cells, is_total ? "total" : "");
  };
  const Json& layers = array_at(*reference.run, "layers");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = text_at(layers[i], "name");
    chart["layers"].push_back(name);
    const auto of_layer = [i](const Estimate& estimate) {
      const Json& of_run = array_at(*estimate.run, "layers");
      return i < of_run.size() ? nanojoules(of_run[i], estimate.key) : std::nan("");
    };
    add(name, of_layer, false);
  }
  const auto of_total = [](const Estimate& estimate) {
    return nanojoules(*estimate.run, std::string("total.") + estimate.key);
  };
  add("total", of_total, true);
  return table.html();
}

}  // namespace

void add_agreement_section(Page& page, const ResultFiles& results) {
  const std::vector<FidelityGroup> groups = fidelity_groups(results);
  if (groups.empty()) {
    page.absent.push_back(
        "Agreement of the fidelities: run 'togglewise simulate' on one model with more than one of "
        "--fidelity layer, table, gate.");
    return;
  }
  Section section{"agreement", "Agreement of the fidelities", ""};
  section.body += html_paragraph(
      "MAC dynamic energy of the same layers and images, from the fast estimates to the gate-level "
      "simulation of every transition; differences are relative to the most certain one. They are "
      "of the same images: ± and the whiskers say how far the energies of other images would lie "
      "from these, not how sure the differences are. "
      "Layer-agnostic is the model that has one "
      "energy per weight value for all layers.");
  page.charts["agreement"] = Json::array();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Json chart;
    const std::string table = agreement_table(groups[i], chart);
    page.charts["agreement"].push_back(std::move(chart));
    section.body +=
        html_chart(fmt::format("agreement.{}", i), "Bars: difference to the reference per layer");
    section.body += table;
  }
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
