#include "sim/network/value_list.h"

#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace togglewise::network {

std::string list_text(const std::vector<int>& values) {
  return fmt::format("{}", fmt::join(values, ","));
}

bool parse_list(const std::string& text, std::vector<int>& values) {
  values.clear();
  const char* position = text.data();
  const char* const end = text.data() + text.size();
  while (position != end) {
    int value = 0;
    const auto [next, status] = std::from_chars(position, end, value);
    const bool separated = next == end || (*next == ',' && next + 1 != end);
    if (status != std::errc() || !separated) {
      values.clear();
      return false;
    }
    values.push_back(value);
    position = next == end ? end : next + 1;
  }
  return true;
}

}  // namespace togglewise::network
