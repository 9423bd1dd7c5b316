// Table groups (rise_power, cell_fall, …) → lookup tables over input slew and output load.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "sim/tech/liberty_head.h"
#include "sim/tech/library_notes.h"
#include "sim/tech/lookup_table.h"

namespace togglewise::tech {

class LibertyTables {
 public:
  LibertyTables(const LibertyHead& head, LibertyValues values, LibraryNotes& notes)
      : head_(head), values_(std::move(values)), notes_(notes) {}

  // The table in subgroup `name` of `group`, values scaled by `value_unit`; empty where there is
  // none, and (with a note) where its axes are not supported. Of another output's load, the first
  // point is read. Throws TW-LIB-003 and, where shape and axes do not agree,
  // TW-LIB-005.
  LookupTable read(const LibertyGroup& group, std::string_view name, TemplateKind kind,
                   double value_unit);

 private:
  struct Shape;

  Shape shape_of(const LibertyGroup& table, TemplateKind kind) const;
  std::vector<double> axis_points(const LibertyGroup& table, const Shape& shape,
                                  std::size_t axis) const;
  LookupTable arrange(const LibertyGroup& table, const Shape& shape, std::vector<double> values,
                      const std::vector<std::size_t>& row_lengths);
  LookupTable::Axis shared(std::vector<double> points, double unit);
  Error bad_table(const LibertyGroup& table, const std::string& message) const;

  const LibertyHead& head_;
  LibertyValues values_;
  LibraryNotes& notes_;
  std::map<std::vector<double>, LookupTable::Axis> axes_;
};

}  // namespace togglewise::tech
