#include "sim/array/weight_chain.h"

#include <utility>

namespace togglewise::array {

WeightChain::WeightChain(const ArrayShape& shape)
    : shape_(shape),
      held_(static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(shape.columns), 0) {}

ToggleCounts WeightChain::load(int first_row, int used_rows, int used_columns,
                               const std::vector<std::int8_t>& weights,
                               const std::function<void(int, int)>& on_change) {
  const auto rows = static_cast<std::size_t>(shape_.rows);
  const unsigned mask = (1U << shape_.weight_bits) - 1U;
  const auto distance = [&](std::int8_t a, std::int8_t b) {
    return static_cast<std::uint64_t>(
        __builtin_popcount((static_cast<unsigned>(a) ^ static_cast<unsigned>(b)) & mask));
  };
  ToggleCounts counts;
  std::vector<std::int8_t> next(rows);
  for (std::size_t c = 0; c < static_cast<std::size_t>(shape_.columns); ++c) {
    std::int8_t* held = held_.data() + c * rows;
    for (std::size_t r = 0; r < rows; ++r) {
      const auto row = static_cast<std::int64_t>(r) - first_row;  // of the tile
      const bool used = row >= 0 && row < used_rows && c < static_cast<std::size_t>(used_columns);
      next[r] = used ? weights[static_cast<std::size_t>(row * used_columns) + c] : std::int8_t{0};
    }
    // Register r sees held[r], held[r−1], …, held[0], next[R−1], next[R−2], …, next[r] in turn.
    // Its toggles are the sum of the distances of neighbours in that sequence.
    std::uint64_t old_part = 0;
    std::uint64_t new_part = 0;
    for (std::size_t r = 1; r < rows; ++r) new_part += distance(next[r], next[r - 1]);
    const std::uint64_t boundary = distance(held[0], next[rows - 1]);
    for (std::size_t r = 0; r < rows; ++r) {
      if (r > 0) {
        old_part += distance(held[r], held[r - 1]);
        new_part -= distance(next[r], next[r - 1]);
      }
      counts.shadow_weight += old_part + boundary + new_part;
      counts.weight += distance(held[r], next[r]);
      if (on_change && held[r] != next[r]) on_change(held[r], next[r]);
    }
    std::copy(next.begin(), next.end(), held);
  }
  return counts;
}

}  // namespace togglewise::array
