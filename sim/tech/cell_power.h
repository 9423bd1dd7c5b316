// Internal power and leakage groups of a Liberty cell, which libraries split by rail, state and
// edge, put together again.
#pragma once

#include <string>
#include <vector>

#include "sim/tech/cell_library.h"
#include "sim/tech/cell_states.h"

namespace togglewise::tech {

// One internal_power group and one of its related pins, as the file gives it.
struct RailPower {
  std::string rail;  // related_pg_pin or power_level, "" where there is none
  InternalPower power;
};

// Sums rails and joins rise and fall that stand in groups of their own. Order is that of the file.
std::vector<InternalPower> merge_rails(std::vector<RailPower> groups);

// Sets rise_share and fall_share of the pin's groups: related pins count equally, states by their
// number.
void set_shares(LibraryPin& pin, const CellStates& states);

// One leakage_power group.
struct RailLeakage {
  std::string rail;
  StateLeakage leakage;
};
std::vector<StateLeakage> merge_rails(const std::vector<RailLeakage>& groups);

// Mean over the states; those that no group names leak `otherwise_nw`.
double mean_leakage_nw(const std::vector<StateLeakage>& groups, double otherwise_nw,
                       const CellStates& states);

}  // namespace togglewise::tech
