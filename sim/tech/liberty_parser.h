// Liberty text → tree of groups and attributes, without knowing what they mean.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace togglewise::tech {

// `name : value ;` (simple, one value) or `name ("v1", v2);` (complex, any number). Values are kept
// as text without quotes; line continuations and comments are gone.
struct LibertyAttribute {
  std::string name;
  std::vector<std::string> values;
  int line = 0;
};

// `name (argument, …) { … }`: library, cell, pin, timing, table …
struct LibertyGroup {
  std::string name;
  std::vector<std::string> arguments;
  int line = 0;
  std::vector<LibertyAttribute> attributes;
  std::vector<LibertyGroup> groups;

  // The last attribute of this name (Liberty lets later ones override), or nullptr.
  const LibertyAttribute* attribute(std::string_view attribute_name) const;
  // The first subgroup of this name, or nullptr.
  const LibertyGroup* group(std::string_view group_name) const;
  std::string first_argument() const { return arguments.empty() ? "" : arguments.front(); }
};

// Parses a whole library. `file` is only used in messages.
// Throws TW-LIB-001 where the text ends too early, TW-LIB-002 where it is not Liberty.
LibertyGroup parse_liberty(std::string_view text, const std::string& file);
LibertyGroup read_liberty(const std::filesystem::path& path);

}  // namespace togglewise::tech
