// Liberty text → groups and attributes, without knowing what they mean. The library is handed on
// statement by statement in one pass over the file: no more of it is in memory than one of its
// groups (one cell, one template).
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/tech/liberty_source.h"
#include "sim/tech/liberty_text.h"

namespace togglewise::tech {

// One word or the inside of one quoted string, as in the file: a string may hold line ends and
// continuations, which text() replaces by blanks.
struct LibertyValue {
  std::string_view raw;
  LibertyPosition position;  // of the first character of `raw`

  std::string text() const;
};

// `name : value ;` (simple, one value) or `name ("v1", v2);` (complex, any number).
struct LibertyAttribute {
  std::string_view name;
  LibertyPosition position;
  std::vector<LibertyValue> values;
};

// `name (argument, …) { … }`: library, cell, pin, timing, table …
struct LibertyGroup {
  std::string_view name;
  LibertyPosition position;
  std::vector<LibertyValue> arguments;
  std::vector<LibertyAttribute> attributes;
  std::vector<LibertyGroup> groups;

  // The last attribute of this name (Liberty lets later ones override), or nullptr.
  const LibertyAttribute* attribute(std::string_view attribute_name) const;
  // The first subgroup of this name, or nullptr.
  const LibertyGroup* group(std::string_view group_name) const;
  // "" where there is no such argument.
  std::string argument(std::size_t index = 0) const;
};

// What becomes of the library's statements. All text is only valid during the call.
struct LibertyHandler {
  // Called once, with the library's name and no content.
  std::function<void(const LibertyGroup& library)> library = [](const LibertyGroup&) {};
  // A group's header has been read: false skips its body without keeping anything of it.
  std::function<bool(const LibertyGroup& parent, const LibertyGroup& header)> wanted =
      [](const LibertyGroup&, const LibertyGroup&) { return true; };
  // A statement of the library itself; of the groups, the wanted ones.
  std::function<void(const LibertyAttribute&)> attribute = [](const LibertyAttribute&) {};
  std::function<void(const LibertyGroup&)> group = [](const LibertyGroup&) {};
};

// Throws TW-LIB-001 where the text ends too early, TW-LIB-002 where it is not Liberty, TW-LIB-006
// at an include_file, TW-LIB-007 where the file cannot be decompressed, TW-LIB-008 where groups are
// nested deeper than kMaxLibertyDepth.
void parse_liberty(LibertySource& source, const LibertyHandler& handler);

constexpr int kMaxLibertyDepth = 32;

}  // namespace togglewise::tech
