// One cell group of a Liberty file → a typed cell.
#pragma once

#include <string>
#include <vector>

#include "sim/tech/cell_library.h"
#include "sim/tech/cell_power.h"
#include "sim/tech/liberty_head.h"
#include "sim/tech/liberty_table.h"

namespace togglewise::tech {

class CellBuilder {
 public:
  CellBuilder(const LibertyHead& head, const LibertyValues& values, LibraryNotes& notes)
      : head_(head), values_(values), tables_(head, values, notes), notes_(notes) {}

  // Throws TW-LIB-003, -004, -005 and -009.
  LibraryCell build(const LibertyGroup& group);

 private:
  void add_pins(LibraryCell& cell, const LibertyGroup& group);
  LibraryPin build_pin(const LibertyGroup& group);
  void add_power(const LibertyGroup& group, std::vector<RailPower>& groups);
  void add_timing(const LibertyGroup& group, std::vector<TimingArc>& arcs);
  void set_leakage(LibraryCell& cell, const LibertyGroup& group) const;
  void set_when_functions(LibraryCell& cell) const;

  const LibertyHead& head_;
  const LibertyValues& values_;
  LibertyTables tables_;
  LibraryNotes& notes_;
};

}  // namespace togglewise::tech
