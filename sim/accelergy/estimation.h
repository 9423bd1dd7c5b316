// What an energy reference table and action counts add up to, by Accelergy's own rules.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/accelergy/reference_table.h"

namespace togglewise::accelergy {

struct Estimation {
  std::vector<std::pair<std::string, double>> component_pj;  // in the order of the counts
  double total_pj = 0;

  // 0 for a component that was not counted.
  double of(const std::string& component) const;
};

// A component's table is found by its name without [brackets], whose ranges must hold those of the
// counts; the energy is that of the first entry of the action that has all arguments of the count.
// Counts are of all instances together. Throws TW-ERT-005 where there is no such entry.
Estimation estimate(const ReferenceTable& table, const ActionCounts& counts,
                    const std::string& file);

}  // namespace togglewise::accelergy
