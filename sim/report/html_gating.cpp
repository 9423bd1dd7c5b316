#include "sim/report/html_gating.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/report/html_energy.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

std::string words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string study_table(const ResultFile& study) {
  const Json& json = study.json;
  HtmlTable table({{"Gating", "", Align::left},
                   {"Dynamic", "nJ/image"},
                   {"saved", ""},
                   {"Total", "nJ/image"},
                   {"saved", ""},
                   {"PE area", ""},
                   {"Array area", ""},
                   {"Critical path", "ps"}},
                  fmt::format("{}: {} on {}, fidelity {}, {}, {} images", study.path,
                              text_at(json, "model.name"), text_at(json, "hardware.name"),
                              text_at(json, "fidelity"), text_at(json, "timing_model"),
                              format_fixed(number_at(json, "images"), 0)));
  for (const Json& trial : array_at(json, "trials")) {
    const auto area = [&](const char* key) {
      if (find_value(trial, "cells") == nullptr) return std::string();
      return format_change(relative_change(number_at(trial, std::string("cells_ungated.") + key),
                                           number_at(trial, std::string("cells.") + key)));
    };
    table.add_row({words(text_at(trial, "name")),
                   format_fixed(nanojoules(trial, "dynamic_fj_per_image"), 2),
                   format_percent(number_at(trial, "saved_dynamic")),
                   format_fixed(nanojoules(trial, "total_fj_per_image"), 2),
                   format_percent(number_at(trial, "saved_total")), area("pe_area"),
                   area("array_area"), format_fixed(number_at(trial, "critical_path_ps"), 0)});
  }
  return table.html();
}

}  // namespace

void add_gating_section(Page& page, const ResultFiles& results) {
  const auto studies = results.of_command("gating_study");
  if (studies.empty()) {
    page.absent.push_back(
        "What gating saves: 'togglewise simulate --gating-study' measures every set of options.");
    return;
  }
  Section section{"gating", "What gating saves", ""};
  section.body += html_paragraph(
      "Energies with each gating option alone, with all of them, and with the set of the least "
      "total energy; the cells that gating adds are in all of them. Negative: it costs more than "
      "it saves.");
  for (const ResultFile* study : studies) section.body += study_table(*study);
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
