// What several methods reached under the same options, side by side.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace togglewise::compress {

struct ComparedMethod {
  std::string name;
  std::string folder;     // beside the comparison's own files
  nlohmann::json result;  // its compress.json
};

// Keys dense, limits_points, methods (each with its trials and what it has for each limit) and
// timing.
nlohmann::json compare_json(const std::vector<ComparedMethod>& methods);

// A line a trial.
std::string compare_csv(const nlohmann::json& compare);

// A line a method and limit: energy saved, drop on the images of the limit and of the final figure,
// time.
std::string compare_table(const nlohmann::json& compare);

}  // namespace togglewise::compress
