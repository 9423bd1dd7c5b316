// The weight and shadow registers over a sequence of tiles.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/array/tile.h"

namespace togglewise::array {

// Holds what the array's weight registers hold, from zero. Loading a tile shifts its weights (zero
// in idle PEs) through every column's shadow chain, last row first, and copies them into the weight
// registers at once.
class WeightChain {
 public:
  explicit WeightChain(const ArrayShape& shape);

  // Toggles of the shadow and weight registers while [used_rows][used_columns] `weights` are
  // loaded, the first row of them into the array's row `first_row`. `on_change`, when given, is
  // called with (old, new) for every PE whose weight changes.
  ToggleCounts load(int first_row, int used_rows, int used_columns,
                    const std::vector<std::int8_t>& weights,
                    const std::function<void(int, int)>& on_change = {});

 private:
  ArrayShape shape_;
  std::vector<std::int8_t> held_;  // [column][row]; shadow and weight registers agree after a load
};

}  // namespace togglewise::array
