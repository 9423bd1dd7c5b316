// What a reader met in a library that is no error, but that its user may want to know: each thing
// once, with how often it occurred and where first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace togglewise::tech {

enum class NoteKind {
  unknown_attribute,  // no attribute of the Liberty format, nor defined by the library
  unknown_group,
  skipped_group,     // known, but nothing that energies or delays are computed from
  bus_pins,          // bus or bundle: its pins are not read
  skipped_table,     // a table whose axes are not supported
  reduced_table,     // another output's load was fixed at its first point
  unusable_cell,     // a cell that no netlist may use; the name is the reason
  ignored_attribute  // an attribute with an effect that is not modelled
};

struct LibraryNote {
  NoteKind kind = NoteKind::unknown_attribute;
  std::string name;
  std::int64_t count = 0;
  int first_line = 0;
};

class LibraryNotes {
 public:
  void add(NoteKind kind, std::string_view name, int line);
  // In order of first appearance.
  const std::vector<LibraryNote>& all() const { return notes_; }
  const LibraryNote* find(NoteKind kind, std::string_view name) const;  // nullptr if there is none

 private:
  static std::string key(NoteKind kind, std::string_view name);

  std::vector<LibraryNote> notes_;
  std::unordered_map<std::string, std::size_t> index_;
};

// One line of text without the file: "unknown attribute 'x', 12 times, first at line 34".
std::string describe(const LibraryNote& note);

}  // namespace togglewise::tech
