// An energy reference table (ERT) and action counts as Accelergy has them, in memory.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace togglewise::accelergy {

using ArgumentValue = std::variant<std::int64_t, std::string>;
using Arguments = std::vector<std::pair<std::string, ArgumentValue>>;

struct ActionEnergy {
  std::string name;
  Arguments arguments;
  double energy_pj = 0;
};

struct ComponentEnergies {
  std::string name;  // with its place in the hierarchy: system.array.pe[0..4095].mac
  std::vector<ActionEnergy> actions;
};

using ReferenceTable = std::vector<ComponentEnergies>;

struct ActionCount {
  std::string name;
  Arguments arguments;
  std::uint64_t count = 0;
};

struct ComponentCounts {
  std::string name;
  std::vector<ActionCount> actions;
};

using ActionCounts = std::vector<ComponentCounts>;

}  // namespace togglewise::accelergy
