// What the command writes: study.json, figures.json, study.csv, study.html, and what it prints.
#pragma once

#include <filesystem>
#include <string>

#include "sim/report/html_study.h"
#include "sim/report/result_json.h"
#include "sim/study/grouping_study.h"

namespace togglewise::study {

// Where a study's numbers come from.
struct StudyRun {
  std::uint64_t seed = 1;
  const config::HardwareConfig* hardware = nullptr;
  std::string timing;
  report::ModelIdentity model;
  std::string workload;
  std::string operand_source;
  std::string compressed_source;  // for people: what the compressed network is
  double seconds = 0;             // wall clock
};

report::Json study_json(const StudyRun& run, const GroupingStudy& study);

// figures.json: what was run and every model's figures, in five significant digits. Small enough
// to be kept as a baseline.
report::Json figures_json(const StudyRun& run, const GroupingStudy& study);

// One line per model, network and layer; the layer "all" is the network.
std::string study_csv(const GroupingStudy& study);

std::string study_text(const GroupingStudy& study);

report::StudyPage study_page(const StudyRun& run, const GroupingStudy& study);

// Throws TW-FILE-002.
void write_study_files(const StudyRun& run, const GroupingStudy& study,
                       const std::filesystem::path& folder);

}  // namespace togglewise::study
