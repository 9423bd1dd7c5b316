#include "sim/graph/layer_names.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include <fmt/format.h>

namespace togglewise::graph {
namespace {

constexpr std::size_t longest_name = 120;

std::vector<std::string> path_parts(const std::string& path) {
  std::vector<std::string> parts(1);
  for (const char c : path) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  parts.erase(std::remove(parts.begin(), parts.end(), std::string()), parts.end());
  return parts;
}

// A module's path repeats its parents: layer1 / layer1.0 / conv1.
std::string joined(const std::vector<std::string>& parts) {
  std::string name;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool repeated = i + 1 < parts.size() && parts[i + 1].rfind(parts[i] + ".", 0) == 0;
    if (repeated) continue;
    if (!name.empty()) name += '.';
    name += parts[i];
  }
  return name;
}

std::string plain(const std::string& name) {
  std::string result = name.substr(0, longest_name);
  for (char& c : result) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (!allowed) c = '_';
  }
  return result;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string wished_name(const Draft& draft) {
  if (draft.named) {
    std::vector<std::string> parts = path_parts(draft.node_name);
    if (parts.size() > 1 && parts.back() == draft.node_type) parts.pop_back();
    return joined(parts);
  }
  const std::string suffix = ".weight";
  const std::string& weight = draft.weight_name;
  const bool from_weight =
      weight.size() > suffix.size() &&
      weight.compare(weight.size() - suffix.size(), suffix.size(), suffix) == 0;
  if (from_weight) return weight.substr(0, weight.size() - suffix.size());
  return lower_case(draft.node_type);
}

}  // namespace

std::string layer_name(const Draft& draft, std::set<std::string>& taken) {
  std::string wished = plain(wished_name(draft));
  if (wished.empty()) wished = plain(lower_case(draft.node_type));
  std::string name = wished;
  for (int count = 2; !taken.insert(name).second; ++count)
    name = fmt::format("{}_{}", wished, count);
  return name;
}

}  // namespace togglewise::graph
