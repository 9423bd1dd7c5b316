// `togglewise report DIR`: every result in a folder as one HTML file that opens offline.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/report/result_files.h"

namespace togglewise::report {

struct HtmlReport {
  std::filesystem::path file;        // OUT/report.html
  std::vector<std::string> results;  // result files read, relative to DIR
  std::vector<std::string> ignored;  // *.json that is not Togglewise's
  std::string summary;               // summary_text() of the results
  std::vector<std::string> absent;   // sentences: sections left out, and what makes them
};

// Throws TW-REPORT-001, TW-REPORT-002 (result_files.h) and TW-FILE-002.
// Reads the results below `directory` and writes report.html and report.json into `out`, which
// exists.
HtmlReport write_html_report(const std::filesystem::path& directory,
                             const std::filesystem::path& out);
inline HtmlReport write_html_report(const std::filesystem::path& directory) {
  return write_html_report(directory, directory);
}

}  // namespace togglewise::report
