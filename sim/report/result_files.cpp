#include "sim/report/result_files.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/report/energy_sums.h"

namespace togglewise::report {
namespace fs = std::filesystem;

namespace {

Error no_results(const fs::path& directory, const std::string& what) {
  return Error::input("TW-REPORT-001", what)
      .at(directory.string())
      .expected(
          "a folder with the *.json that 'togglewise train', 'calibrate', 'simulate', 'compress' "
          "or 'validate' wrote with --out");
}

std::vector<fs::path> json_files_below(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    throw no_results(directory, fs::exists(directory, error) ? "this is not a folder"
                                                             : "there is no such folder");
  }
  std::vector<fs::path> found;
  fs::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().front() == '.') {
      if (entry->is_directory()) entry.disable_recursion_pending();
    } else if (entry->path().extension() == ".json" && !entry->is_directory()) {
      found.push_back(entry->path());
    }
  }
  if (error) throw no_results(directory, "cannot list the folder: " + error.message());
  return found;
}

// 1-based line and column of the byte at `offset`.
std::pair<int, int> place_of(const std::string& text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  const auto line = std::count(text.begin(), end, '\n');
  const auto line_start = std::find(std::make_reverse_iterator(end), text.rend(), '\n').base();
  return {static_cast<int>(line) + 1, static_cast<int>(end - line_start) + 1};
}

Json read_json(const fs::path& file) {
  std::string text;
  try {
    text = read_file(file);
  } catch (const Error& error) {
    throw Error::input("TW-REPORT-002", "cannot read the result: " + error.message())
        .at(file.string())
        .expected("a readable JSON file");
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto [line, column] = place_of(text, error.byte == 0 ? 0 : error.byte - 1);
    throw Error::input("TW-REPORT-002", "this is not whole JSON")
        .at(file.string(), line, column)
        .expected("a complete result file")
        .hint("delete it, or run the command that writes it again");
  }
}

}  // namespace

std::vector<const ResultFile*> ResultFiles::of_command(const std::string& command) const {
  std::vector<const ResultFile*> found;
  for (const ResultFile& file : files) {
    if (text_at(file.json, "command") == command) found.push_back(&file);
  }
  return found;
}

const ResultFile* ResultFiles::first(const std::string& command) const {
  const auto found = of_command(command);
  return found.empty() ? nullptr : found.front();
}

ResultFiles read_result_files(const fs::path& directory) {
  ResultFiles results;
  for (const fs::path& file : json_files_below(directory)) {
    std::string name = file.lexically_relative(directory).generic_string();
    Json json = read_json(file);
    // The list that an earlier report left behind is no result.
    if (text_at(json, "tool") == "togglewise" && text_at(json, "command") == "report") continue;
    if (text_at(json, "tool") == "togglewise") {
      require_sums_agree(json, file.string());
      results.files.push_back({std::move(name), std::move(json)});
    } else {
      results.ignored.push_back(std::move(name));
    }
  }
  if (results.files.empty()) {
    throw no_results(directory, fmt::format("no result among {} *.json file(s) in the folder",
                                            results.ignored.size()));
  }
  // What lies next to the report counts most: the first file of a command is the headline.
  std::sort(results.files.begin(), results.files.end(),
            [](const ResultFile& a, const ResultFile& b) {
              const auto depth = [](const ResultFile& file) {
                return std::count(file.path.begin(), file.path.end(), '/');
              };
              return std::make_tuple(depth(a), a.path) < std::make_tuple(depth(b), b.path);
            });
  std::sort(results.ignored.begin(), results.ignored.end());
  return results;
}

const Json* find_value(const Json& json, const std::string& path) {
  const Json* value = &json;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    if (!value->is_object()) return nullptr;
    const auto member = value->find(path.substr(begin, end - begin));
    if (member == value->end()) return nullptr;
    value = &*member;
    begin = end + 1;
  }
  return value;
}

double number_at(const Json& json, const std::string& path) {
  const Json* value = find_value(json, path);
  if (value == nullptr || !value->is_number()) return std::numeric_limits<double>::quiet_NaN();
  return value->get<double>();
}

std::string text_at(const Json& json, const std::string& path) {
  const Json* value = find_value(json, path);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

std::vector<double> numbers_at(const Json& json, const std::string& path) {
  std::vector<double> numbers;
  for (const Json& value : array_at(json, path)) {
    numbers.push_back(value.is_number() ? value.get<double>()
                                        : std::numeric_limits<double>::quiet_NaN());
  }
  return numbers;
}

const Json& array_at(const Json& json, const std::string& path) {
  static const Json empty = Json::array();
  const Json* value = find_value(json, path);
  return value != nullptr && value->is_array() ? *value : empty;
}

}  // namespace togglewise::report
