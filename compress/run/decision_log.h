// One line a decision, as JSON, for people and programs.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace togglewise::compress {

class DecisionLog {
 public:
  explicit DecisionLog(std::filesystem::path file) : file_(std::move(file)) {}

  // Adds {"decision": what, …} and writes the file.
  void add(const std::string& what, nlohmann::json details);

 private:
  std::filesystem::path file_;
  std::string text_;
};

}  // namespace togglewise::compress
