#include "sim/report/html_provenance.h"

#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

std::string seconds_of(const Json& json) {
  double seconds = number_at(json, "timing.seconds");
  if (!std::isfinite(seconds)) seconds = number_at(json, "timing.total_seconds");
  return std::isfinite(seconds) ? format_fixed(seconds, 1) : "";
}

// "key value" rows of everything in `json` that is not a list; units stay in the keys.
std::string facts_table(const Json& json, const std::string& caption) {
  HtmlTable table({{"Key", "", Align::left}, {"Value", "", Align::left}}, caption);
  for (const auto& [key, value] : json.items()) {
    if (value.is_structured() || value.is_null()) continue;
    table.add_row({key, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  return table.html();
}

// Results of one folder should be about the same two networks: sentences on those that are not.
std::vector<std::string> mismatched_models(const ResultFiles& results) {
  struct Link {
    const char* command;
    const char* path;
    const char* source_command;
    const char* source_path;
    const char* what;
  };
  constexpr Link links[] = {
      {"validate", "model.hash", "compress", "model.hash", "compressed network"},
      {"validate", "baseline.hash", "compress", "baseline.hash", "dense network"},
      {"compress", "baseline.hash", "train", "model.hash", "dense network"},
      {"calibrate", "traces.model_hash", "train", "model.hash", "dense network"}};
  std::vector<std::string> sentences;
  for (const Link& link : links) {
    const ResultFile* source = results.first(link.source_command);
    if (source == nullptr) continue;
    const std::string expected = text_at(source->json, link.source_path);
    for (const ResultFile* file : results.of_command(link.command)) {
      const std::string found = text_at(file->json, link.path);
      if (found.empty() || expected.empty() || found == expected) continue;
      sentences.push_back(fmt::format(
          "{} and {} are about different networks: the {} is {} in one and {} in the other.",
          file->path, source->path, link.what, found, expected));
    }
  }
  return sentences;
}

}  // namespace

void add_provenance_section(Page& page, const ResultFiles& results) {
  Section section{"provenance", "Where the numbers come from", ""};
  section.body += html_paragraph(
      "Every result file that this page was made from. The same inputs and seed give the same "
      "files but for the times, for any number of threads.");
  HtmlTable table({{"File", "", Align::left},
                   {"Command", "", Align::left},
                   {"Version", "", Align::left},
                   {"Seed", ""},
                   {"Images", ""},
                   {"Model", "", Align::left},
                   {"Model hash", "", Align::left},
                   {"Time", "s"}});
  std::set<std::string> hardware;  // facts_table() of each
  for (const ResultFile& file : results.files) {
    const Json& json = file.json;
    std::string command = text_at(json, "command");
    const std::string fidelity = text_at(json, "fidelity");
    if (!fidelity.empty()) command += ", fidelity " + fidelity;
    const double seed = number_at(json, "seed");
    table.add_row({file.path, command, text_at(json, "version"), fmt::format("{:.0f}", seed),
                   format_fixed(number_at(json, "images"), 0), text_at(json, "model.name"),
                   text_at(json, "model.hash"), seconds_of(json)});
    if (const Json* of_file = find_value(json, "hardware")) {
      if (of_file->is_object()) hardware.insert(facts_table(*of_file, "Hardware"));
    }
  }
  section.body += table.html();
  for (const std::string& warning : mismatched_models(results)) {
    section.body += "<p class=\"bad\">" + html_escape(warning) + "</p>\n";
  }
  section.body += "<div class=\"facts\">\n";
  for (const std::string& facts : hardware) section.body += facts;
  if (const ResultFile* calibrate = results.first("calibrate")) {
    const Json& json = calibrate->json;
    if (const Json* netlist = find_value(json, "netlist")) {
      section.body += facts_table(*netlist, "Synthesized MAC");
    }
    if (const Json* grouping = find_value(json, "grouping")) {
      Json facts = *grouping;
      for (const char* key :
           {"r_squared", "transitions", "clock_fj_per_cycle", "leakage_fj_per_cycle"}) {
        if (const Json* value = find_value(json, key)) facts[key] = *value;
      }
      section.body += facts_table(facts, "Energy tables");
    }
  }
  section.body += "</div>\n";
  for (const std::string& file : results.ignored) {
    section.body += html_paragraph("Left aside, not a result of Togglewise: " + file + ".");
  }
  page.sections.push_back(std::move(section));
}

}  // namespace togglewise::report
