#include "sim/report/html_results.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/compress_summary.h"
#include "sim/report/html_energy.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

constexpr double fj_per_uj = 1e9;

void add_energy_cards(Page& page, const EnergyComparison& comparison) {
  const Json& after = *comparison.after;
  const std::string conditions =
      fmt::format("fidelity {}, {}, mean of {} images", comparison.fidelity, comparison.timing,
                  format_fixed(comparison.images, 0));
  if (comparison.before == nullptr) {
    page.cards.push_back({"Energy per image",
                          format_digits(number_at(after, "total.energy_uj_per_image"), 4) + " µJ",
                          "total; " + conditions});
    page.cards.push_back(
        {"MAC dynamic energy",
         format_digits(number_at(after, "total.mac_dynamic_fj_per_image") / fj_per_uj, 4) + " µJ",
         "per image, PEs that hold a weight"});
    page.cards.push_back({"Power", format_digits(number_at(after, "total.power_mw"), 4) + " mW",
                          "average while the array works"});
    return;
  }
  const auto card = [&](const char* label, const char* path, const std::string& detail) {
    const double before_fj = number_at(*comparison.before, path);
    const double after_fj = number_at(after, path);
    page.cards.push_back(
        {label, format_change(relative_change(before_fj, after_fj)),
         fmt::format("{} → {} µJ per image; {}", format_digits(before_fj / fj_per_uj, 3),
                     format_digits(after_fj / fj_per_uj, 3), detail),
         after_fj < before_fj ? Card::State::good : Card::State::bad});
  };
  card("MAC dynamic energy", "total.mac_dynamic_fj_per_image", "PEs that hold a weight");
  card("Dynamic energy", "total.dynamic_fj_per_image", "the whole array");
  card("Total energy", "total.total_fj_per_image", "with clock and leakage");
  page.cards.push_back(
      {"Energy per image",
       fmt::format("{} → {} µJ",
                   format_digits(number_at(*comparison.before, "total.energy_uj_per_image"), 3),
                   format_digits(number_at(after, "total.energy_uj_per_image"), 3)),
       fmt::format("total; {}; {} → {} mW", conditions,
                   format_digits(number_at(*comparison.before, "total.power_mw"), 3),
                   format_digits(number_at(after, "total.power_mw"), 3))});
}

void add_accuracy_card(Page& page, const ResultFiles& results) {
  const auto compress = compress_summary(results);
  const CompressSummary::Accuracy* accuracy = nullptr;
  if (compress) {
    accuracy = compress->accuracy_on("test");
    if (accuracy == nullptr) accuracy = compress->accuracy_on("holdout");
  }
  if (accuracy == nullptr) return;
  const double points = 100 * (accuracy->after - accuracy->before);
  page.cards.push_back(
      {"Integer top-1 accuracy",
       fmt::format("{} → {} %", format_fixed(100 * accuracy->before, 2),
                   format_fixed(100 * accuracy->after, 2)),
       fmt::format("{}{} points on {} {} images", points > 0 ? "+" : "", format_fixed(points, 2),
                   format_fixed(accuracy->count, 0), accuracy->images),
       points >= -compress->max_accuracy_drop_points ? Card::State::good : Card::State::bad});
}

void add_lockstep_card(Page& page, const ResultFiles& results) {
  double comparisons = 0;
  double mismatches = 0;
  double outputs = 0;
  double output_mismatches = 0;
  const auto runs = results.of_command("validate");
  if (runs.empty()) return;
  for (const ResultFile* run : runs) {
    comparisons += number_at(run->json, "lockstep.partial_sum_comparisons");
    mismatches += number_at(run->json, "lockstep.mismatches");
    outputs += number_at(run->json, "outputs.compared");
    output_mismatches += number_at(run->json, "outputs.mismatches");
  }
  page.cards.push_back(
      {"RTL mismatches",
       fmt::format("{} of {}", format_fixed(mismatches, 0), format_fixed(comparisons, 0)),
       fmt::format("partial sums compared, every cycle; outputs: {} of {}",
                   format_fixed(output_mismatches, 0), format_fixed(outputs, 0)),
       mismatches == 0 && output_mismatches == 0 ? Card::State::good : Card::State::bad});
}

// "partial_sum.active" and so on, for every counter in the object.
void collect_counters(const Json& json, const std::string& prefix, std::vector<std::string>& out) {
  for (const auto& [key, value] : json.items()) {
    const std::string path = prefix.empty() ? key : prefix + "." + key;
    if (value.is_object()) collect_counters(value, path, out);
    if (value.is_number()) out.push_back(path);
  }
}

std::string counter_words(std::string path) {
  for (char& c : path) c = c == '_' ? ' ' : c;
  const std::size_t point = path.find('.');
  if (point == path.npos) return path + " registers";
  const std::string part = path.substr(point + 1);
  return fmt::format("{} registers, {}{}", path.substr(0, point), part,
                     part == "active" ? " PEs" : "");
}

std::string toggle_table(const Json& validate) {
  const Json* rtl = find_value(validate, "toggles.rtl");
  const Json* engine = find_value(validate, "toggles.engine");
  if (rtl == nullptr || engine == nullptr) return "";
  HtmlTable table({{"Toggles", "", Align::left},
                   {"RTL", ""},
                   {"Toggle engine", ""},
                   {"Equal", "", Align::left}},
                  "Register toggles counted in the RTL and by the toggle engine");
  std::vector<std::string> counters;
  collect_counters(*rtl, "", counters);
  for (const std::string& counter : counters) {
    const double in_rtl = number_at(*rtl, counter);
    const double in_engine = number_at(*engine, counter);
    table.add_row({counter_words(counter), format_fixed(in_rtl, 0), format_fixed(in_engine, 0),
                   in_rtl == in_engine ? "yes" : "NO"},
                  in_rtl == in_engine ? "" : "bad");
  }
  return table.html();
}

std::string check_table(const ResultFile& run) {
  const Json& json = run.json;
  HtmlTable table(
      {{"Check", "", Align::left},
       {"Compared", ""},
       {"Mismatches", ""},
       {"Result", "", Align::left}},
      fmt::format("{}: array {}, RTL style {}, {} images", run.path, text_at(json, "hardware.name"),
                  text_at(json, "lockstep.style"), format_fixed(number_at(json, "images"), 0)));
  const auto add = [&](const std::string& check, double compared, double mismatches) {
    if (!std::isfinite(compared)) return;  // results of other versions may not have it
    const bool equal = mismatches == 0;
    table.add_row({check, format_fixed(compared, 0), format_fixed(mismatches, 0),
                   equal ? "equal" : "DIFFERENT"},
                  equal ? "" : "bad");
  };
  add("partial sums, RTL and SystemC model, every cycle",
      number_at(json, "lockstep.partial_sum_comparisons"), number_at(json, "lockstep.mismatches"));
  add("operands in the RTL and in the traces", number_at(json, "operands.compared"),
      number_at(json, "operands.mismatches"));
  add("outputs of the RTL and of the integer inference", number_at(json, "outputs.compared"),
      number_at(json, "outputs.mismatches"));
  const double cycles = number_at(json, "lockstep.cycles");
  add("cycles of the RTL and of the cycle model", cycles,
      std::abs(cycles - number_at(json, "lockstep.cycle_model_cycles")));
  return table.html();
}

}  // namespace

void add_headline(Page& page, const ResultFiles& results) {
  std::string model;
  std::string hardware;
  std::string array_shape;
  for (const char* command : {"validate", "compress", "simulate", "calibrate", "train"}) {
    const ResultFile* file = results.first(command);
    if (file == nullptr) continue;
    if (model.empty()) model = text_at(file->json, "model.name");
    if (hardware.empty()) {
      hardware = text_at(file->json, "hardware.name");
      const double rows = number_at(file->json, "hardware.rows");
      if (std::isfinite(rows)) {
        array_shape = fmt::format("a {}×{} weight-stationary array with {}-bit partial sums", rows,
                                  number_at(file->json, "hardware.columns"),
                                  number_at(file->json, "hardware.partial_sum_bits"));
      }
    }
  }
  page.title = "Togglewise report" + (model.empty() ? "" : ": " + model);
  page.subtitle = array_shape.empty() ? hardware : hardware + ", " + array_shape;

  const EnergyComparison comparison = energy_comparison(results);
  if (comparison.after != nullptr) add_energy_cards(page, comparison);
  add_accuracy_card(page, results);
  add_lockstep_card(page, results);
}

void add_lockstep_section(Page& page, const ResultFiles& results) {
  const auto runs = results.of_command("validate");
  if (runs.empty()) {
    page.absent.push_back(
        "Proof in RTL: 'togglewise validate' runs the network through the Verilated array in "
        "lockstep with the SystemC model.");
    return;
  }
  Section section{"rtl", "Proof in RTL", ""};
  section.body += html_paragraph(
      "The network's layers ran through the Verilated RTL in lockstep with the SystemC model: "
      "every partial sum of every cycle is compared, outputs are compared with the integer "
      "inference, cycles with the cycle model.");
  for (const ResultFile* run : runs) {
    section.body += check_table(*run) + toggle_table(run->json);
  }
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
