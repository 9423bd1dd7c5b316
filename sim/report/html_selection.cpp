#include "sim/report/html_selection.h"

#include <cmath>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/compress_summary.h"
#include "sim/report/html_energy.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

constexpr double fj_per_nj = 1e6;
constexpr std::size_t zero_index = 128;

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// "−64, −16, 0, 16, 64"
std::string value_list(const std::vector<int>& values) {
  std::string out;
  for (const int value : values) {
    out += (out.empty() ? "" : ", ") + format_fixed(value, 0);
  }
  return out;
}

std::string zero_share(const std::vector<double>& histogram) {
  return histogram.empty() ? format_fixed(std::nan(""), 0)
                           : format_percent(histogram[zero_index] / sum(histogram));
}

std::string distinct_values(const std::vector<double>& histogram) {
  if (histogram.empty()) return format_fixed(std::nan(""), 0);
  std::uint64_t distinct = 0;
  for (const double count : histogram) distinct += count > 0 ? 1 : 0;
  return format_count(distinct);
}

}  // namespace

void add_trials_section(Page& page, const ResultFiles& results) {
  const auto compress = compress_summary(results);
  if (!compress) {
    page.absent.push_back(
        "Accuracy against energy, weight values and permitted sets: 'togglewise compress' selects "
        "them.");
    return;
  }
  Section section{"accuracy", "Accuracy against energy", ""};
  HtmlTable accuracy({{"Images", "", Align::left},
                      {"Count", ""},
                      {"Float", "% top-1"},
                      {"Dense int8", "% top-1"},
                      {"Compressed", "% top-1"},
                      {"Below float", "points"},
                      {"Standard error", "points"}},
                     "Accuracy of the integer network");
  for (const CompressSummary::Accuracy& on : compress->accuracies) {
    accuracy.add_row({on.images == "test" ? "final figure" : "limit", format_fixed(on.count, 0),
                      format_fixed(100 * on.in_real_numbers, 2), format_fixed(100 * on.before, 2),
                      format_fixed(100 * on.after, 2),
                      format_fixed(100 * (on.in_real_numbers - on.after), 2),
                      format_fixed(on.drop_standard_error_points, 2)});
  }
  if (compress->trials.empty()) {
    section.body += accuracy.html();
    page.sections.push_back(section);
    return;
  }
  section.body += html_paragraph(fmt::format(
      "Every trial of the method {}: a larger strength saves more energy and costs more accuracy. "
      "The limit, {} points below the float network, is enforced on {}: a trial is within it when "
      "its drop plus {} standard errors is (the line below each point). Energies here are the fast "
      "estimate that the search uses (fidelity layer, MAC dynamic).",
      compress->method, format_digits(compress->max_accuracy_drop_points, 3),
      compress->limit_in_test_set ? "test images that the final figure does not use"
                                  : "training images held out of training",
      format_digits(compress->margin_standard_errors, 3)));
  const CompressSummary::Gates& gates = compress->gates;
  if (std::isfinite(gates.reduction_percent)) {
    section.body += html_paragraph(fmt::format(
        "Through the gates ({} timing), {} images of the final figure: MAC dynamic {} → {} nJ per "
        "image, −{} ± {} % (95 % interval over the images, paired); total with clock and leakage "
        "−{} %.",
        gates.timing, format_fixed(gates.images, 0), format_fixed(gates.before_fj / fj_per_nj, 2),
        format_fixed(gates.after_fj / fj_per_nj, 2), format_fixed(gates.reduction_percent, 1),
        format_fixed(gates.half_width_percent, 1), format_fixed(gates.total_reduction_percent, 1)));
  }
  section.body += html_chart(
      "trials", "Points: accuracy on the images of the limit against energy of every trial");
  section.body += accuracy.html();

  double dense_energy_fj = 0;
  for (const CompressSummary::Layer& layer : compress->layers) {
    dense_energy_fj += layer.energy_before_fj;
  }
  const CompressSummary::Accuracy* holdout = compress->accuracy_on("holdout");
  Json chart = {
      {"trials", Json::array()},
      {"dense_energy_nj", dense_energy_fj / fj_per_nj},
      {"dense_percent", holdout != nullptr ? Json(100 * holdout->before) : Json()},
      {"float_percent", holdout != nullptr ? Json(100 * holdout->in_real_numbers) : Json()},
      {"max_drop_points", compress->max_accuracy_drop_points}};
  HtmlTable table({{"Trial", "", Align::left},
                   {"Strength", ""},
                   {"Accuracy", "%"},
                   {"Drop and margin", "points"},
                   {"MAC dynamic", "nJ/image"},
                   {"Change", ""},
                   {"Within the limit", "", Align::left},
                   {"Chosen", "", Align::left}},
                  "Trials of the search");
  for (const CompressSummary::Trial& trial : compress->trials) {
    chart["trials"].push_back({{"label", trial.label},
                               {"energy_nj", trial.energy_fj / fj_per_nj},
                               {"percent", 100 * trial.holdout_accuracy},
                               {"drop_bound_points", trial.drop_bound_points},
                               {"accepted", trial.accepted},
                               {"chosen", trial.chosen}});
    table.add_row(
        {trial.label, fmt::format("{:.3g}", trial.strength),
         format_fixed(100 * trial.holdout_accuracy, 2), format_fixed(trial.drop_bound_points, 2),
         format_fixed(trial.energy_fj / fj_per_nj, 2),
         format_change(relative_change(dense_energy_fj, trial.energy_fj)),
         trial.accepted ? "yes" : "no", trial.chosen ? "chosen" : ""},
        trial.chosen ? "total" : "");
  }
  page.charts["trials"] = std::move(chart);
  section.body += table.html();
  page.sections.push_back(section);
}

void add_weights_section(Page& page, const ResultFiles& results) {
  const auto compress = compress_summary(results);
  if (!compress || compress->layers.empty()) return;  // the trials section says what is missing
  Section section{"weights", "Weight values and permitted sets", ""};
  section.body += html_paragraph(
      "How many weights of each layer have each value, before and after; triangles mark the values "
      "that the layer may use.");
  Json charts = Json::array();
  std::string panels;
  HtmlTable table({{"Layer", "", Align::left},
                   {"Weights", ""},
                   {"Zero, dense", ""},
                   {"compressed", ""},
                   {"Distinct values, dense", ""},
                   {"compressed", ""},
                   {"Permitted", ""},
                   {"Permitted set", "", Align::left}});
  for (const CompressSummary::Layer& layer : compress->layers) {
    table.add_row({layer.name, format_fixed(sum(layer.histogram_after), 0),
                   zero_share(layer.histogram_before), zero_share(layer.histogram_after),
                   distinct_values(layer.histogram_before), distinct_values(layer.histogram_after),
                   layer.permitted.empty() ? "all" : format_count(layer.permitted.size()),
                   value_list(layer.permitted)});
    if (layer.histogram_before.empty() && layer.histogram_after.empty()) continue;
    panels += html_chart(fmt::format("weights.{}", charts.size()),
                         "Histogram of the weights of layer " + layer.name);
    charts.push_back({{"layer", layer.name},
                      {"before", layer.histogram_before},
                      {"after", layer.histogram_after},
                      {"permitted", layer.permitted}});
  }
  page.charts["weights"] = std::move(charts);
  section.body += "<div class=\"panels\">\n" + panels + "</div>\n" + table.html();
  page.sections.push_back(std::move(section));
}

void add_weight_energy_section(Page& page, const ResultFiles& results) {
  const ResultFile* calibrate = results.first("calibrate");
  if (calibrate == nullptr) {
    page.absent.push_back(
        "Energy of a weight value, E(w): 'togglewise calibrate' measures it gate by gate.");
    return;
  }
  Json chart = {{"weights", Json::array()},
                {"mean_fj", Json::array()},
                {"standard_error_fj", Json::array()},
                {"layers", Json::array()}};
  double cheapest_fj = INFINITY;
  double dearest_fj = -INFINITY;
  double cheapest = 0;
  double dearest = 0;
  double mean_sum_fj = 0;
  for (const Json& entry : array_at(calibrate->json, "weights")) {
    const double weight = number_at(entry, "weight");
    const double mean_fj = number_at(entry, "mean_fj");
    if (!std::isfinite(weight) || !std::isfinite(mean_fj)) continue;
    if (number_at(entry, "transitions") == 0) continue;  // outside of weight_bits
    chart["weights"].push_back(weight);
    chart["mean_fj"].push_back(mean_fj);
    chart["standard_error_fj"].push_back(number_at(entry, "standard_error_fj"));
    mean_sum_fj += mean_fj;
    if (mean_fj < cheapest_fj) std::tie(cheapest_fj, cheapest) = std::pair(mean_fj, weight);
    if (mean_fj > dearest_fj) std::tie(dearest_fj, dearest) = std::pair(mean_fj, weight);
  }
  if (const auto compress = compress_summary(results)) {
    for (const CompressSummary::Layer& layer : compress->layers) {
      if (layer.cost_fj.empty()) continue;
      chart["layers"].push_back({{"name", layer.name}, {"energy_fj", layer.cost_fj}});
    }
  }
  Section section{"weight-energy", "Energy of a weight value", ""};
  const double mean_fj = mean_sum_fj / static_cast<double>(chart["weights"].size());
  section.body += html_paragraph(fmt::format(
      "Mean dynamic energy of one MAC transition while the processing element holds weight w, "
      "gate-level on real operand streams. Cheapest is {} with {} fJ, dearest {} with {} fJ, the "
      "mean over all values {} fJ. E(w) weighs all layers alike{}.",
      format_fixed(cheapest, 0), format_digits(cheapest_fj, 3), format_fixed(dearest, 0),
      format_digits(dearest_fj, 3), format_digits(mean_fj, 3),
      chart["layers"].empty() ? ""
                              : "; the thinner lines are each layer's own E(w), from its own "
                                "activations and partial sums"));
  section.body += html_chart("weight-energy", "Line: energy per transition over the weight value");

  HtmlTable table({{"Weight", ""},
                   {"Energy", "fJ/transition"},
                   {"Standard error", "fJ"},
                   {"Relative to the mean", ""}},
                  "Powers of two and their neighbours; all values are in calibrate.json");
  for (std::size_t i = 0; i < chart["weights"].size(); ++i) {
    const int weight = chart["weights"][i].get<int>();
    const int magnitude = std::abs(weight);
    if ((magnitude & (magnitude - 1)) != 0 && magnitude != 127 && magnitude != 3) continue;
    const double energy_fj = chart["mean_fj"][i].get<double>();
    table.add_row({format_fixed(weight, 0), format_digits(energy_fj, 4),
                   format_digits(chart["standard_error_fj"][i].get<double>(), 2),
                   format_fixed(energy_fj / mean_fj, 2)});
  }
  page.charts["weight-energy"] = std::move(chart);
  section.body += "<details><summary>Table</summary>\n" + table.html() + "</details>\n";
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
