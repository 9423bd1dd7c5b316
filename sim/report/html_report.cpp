#include "sim/report/html_report.h"

#include <utility>

#include "sim/base/files.h"
#include "sim/report/html_agreement.h"
#include "sim/report/html_delays.h"
#include "sim/report/html_document.h"
#include "sim/report/html_energy.h"
#include "sim/report/html_gating.h"
#include "sim/report/html_mapping.h"
#include "sim/report/html_provenance.h"
#include "sim/report/html_results.h"
#include "sim/report/html_selection.h"
#include "sim/report/html_training.h"
#include "sim/report/summary.h"

namespace togglewise::report {

HtmlReport write_html_report(const std::filesystem::path& directory,
                             const std::filesystem::path& out) {
  const ResultFiles results = read_result_files(directory);
  Page page;
  add_headline(page, results);
  add_energy_section(page, results);
  add_gating_section(page, results);
  add_trials_section(page, results);
  add_weights_section(page, results);
  add_weight_energy_section(page, results);
  add_delays_section(page, results);
  add_agreement_section(page, results);
  add_mapping_section(page, results);
  add_cycles_section(page, results);
  add_lockstep_section(page, results);
  add_training_section(page, results);
  add_provenance_section(page, results);

  HtmlReport report;
  report.file = out / "report.html";
  write_file_atomically(report.file, html_page(page));
  for (const ResultFile& file : results.files) report.results.push_back(file.path);
  report.ignored = results.ignored;
  report.summary = summary_text(results);
  report.absent = std::move(page.absent);
  write_result(out / "report.json", {{"tool", "togglewise"},
                                     {"version", tool_version()},
                                     {"command", "report"},
                                     {"html", report.file.string()},
                                     {"results", report.results},
                                     {"ignored", report.ignored},
                                     {"absent", report.absent}});
  return report;
}

}  // namespace togglewise::report
