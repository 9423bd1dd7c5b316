#include "sim/tech/library_notes.h"

#include <fmt/format.h>

#include "sim/tech/message_text.h"

namespace togglewise::tech {
namespace {

std::string subject(const LibraryNote& note) {
  switch (note.kind) {
    case NoteKind::unknown_attribute:
      return fmt::format("unknown attribute '{}'", note.name);
    case NoteKind::unknown_group:
      return fmt::format("unknown group '{}' skipped", note.name);
    case NoteKind::skipped_group:
      return fmt::format("group '{}' skipped", note.name);
    case NoteKind::bus_pins:
      return fmt::format("{} pins not read", note.name);
    case NoteKind::skipped_table:
      return fmt::format("table over {} not read", note.name);
    case NoteKind::reduced_table:
      return fmt::format("table over {} read at the first load of the other output", note.name);
    case NoteKind::unusable_cell:
      return fmt::format("cell that cannot be used: {}", note.name);
    case NoteKind::ignored_attribute:
      break;
  }
  return fmt::format("attribute '{}' not modelled", note.name);
}

}  // namespace

std::string LibraryNotes::key(NoteKind kind, std::string_view name) {
  return std::string(1, static_cast<char>(kind)).append(name);
}

void LibraryNotes::add(NoteKind kind, std::string_view whole_name, int line) {
  const std::string name = clipped(whole_name);
  const auto [entry, is_new] = index_.try_emplace(key(kind, name), notes_.size());
  if (is_new) notes_.push_back({kind, name, 0, line});
  ++notes_[entry->second].count;
}

const LibraryNote* LibraryNotes::find(NoteKind kind, std::string_view name) const {
  const auto found = index_.find(key(kind, name));
  return found == index_.end() ? nullptr : &notes_[found->second];
}

std::string describe(const LibraryNote& note) {
  return fmt::format("{}, {} {}, first at line {}", subject(note), note.count,
                     note.count == 1 ? "time" : "times", note.first_line);
}

}  // namespace togglewise::tech
