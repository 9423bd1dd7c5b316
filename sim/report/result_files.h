// Finding and reading the commands' result files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/report/result_json.h"

namespace togglewise::report {

struct ResultFile {
  std::string path;  // relative to the folder that was searched
  Json json;
};

struct ResultFiles {
  std::vector<ResultFile> files;     // ordered by depth, then by path
  std::vector<std::string> ignored;  // *.json that is not Togglewise's

  std::vector<const ResultFile*> of_command(const std::string& command) const;
  const ResultFile* first(const std::string& command) const;  // null when there is none
};

// Every *.json below `directory` (hidden files and folders left out) that holds "tool":
// "togglewise". Throws TW-REPORT-001 where the folder is missing or holds no result, and
// TW-REPORT-002 for a file that cannot be read or is not whole,
// TW-REPORT-003 where totals are not the sum of their parts.
ResultFiles read_result_files(const std::filesystem::path& directory);

// Tolerant access: results of other versions may lack a key. `path` is "total.power_mw".
const Json* find_value(const Json& json, const std::string& path);          // null when missing
double number_at(const Json& json, const std::string& path);                // NaN when missing
std::string text_at(const Json& json, const std::string& path);             // "" when missing
std::vector<double> numbers_at(const Json& json, const std::string& path);  // {} when missing
const Json& array_at(const Json& json, const std::string& path);  // an empty array when missing

}  // namespace togglewise::report
