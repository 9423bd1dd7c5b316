#include "sim/array/weight_chain.h"

#include <gtest/gtest.h>

#include "tests/array/random_tile.h"

namespace togglewise::array {
namespace {

// The chain as rtl/README.md describes it, one shift at a time.
struct ShiftedChain {
  explicit ShiftedChain(const ArrayShape& s) : shape(s) {
    const auto column = std::vector<std::int8_t>(static_cast<std::size_t>(s.rows), 0);
    shadow.assign(static_cast<std::size_t>(s.columns), column);
    weight = shadow;
  }

  ToggleCounts load(const TileOperands& tile) {
    ToggleCounts counts;
    for (int c = 0; c < shape.columns; ++c) {
      auto& chain = shadow[static_cast<std::size_t>(c)];
      auto& held = weight[static_cast<std::size_t>(c)];
      for (int step = 0; step < shape.rows; ++step) {
        const int entering = shape.rows - 1 - step;
        std::int8_t value = 0;
        if (entering < tile.used_rows && c < tile.used_columns) {
          value = tile.weights[static_cast<std::size_t>(entering * tile.used_columns + c)];
        }
        for (std::size_t r = chain.size(); r-- > 0;) {
          const std::int8_t next = r == 0 ? value : chain[r - 1];
          counts.shadow_weight += toggles(chain[r], next);
          chain[r] = next;
        }
      }
      for (std::size_t r = 0; r < chain.size(); ++r) counts.weight += toggles(held[r], chain[r]);
      held = chain;
    }
    return counts;
  }

  static std::uint64_t toggles(std::int8_t a, std::int8_t b) {
    return static_cast<std::uint64_t>(__builtin_popcount(static_cast<unsigned>(a ^ b) & 0xFFU));
  }

  ArrayShape shape;
  std::vector<std::vector<std::int8_t>> shadow, weight;
};

TEST(WeightChain, EqualsTheShiftedChain_OverASequenceOfTiles) {
  Random random(7);
  for (const auto& [rows, columns] : {std::pair{1, 1}, {5, 3}, {16, 16}, {12, 20}}) {
    const ArrayShape shape = shape_of(rows, columns);
    WeightChain chain(shape);
    ShiftedChain shifted(shape);
    for (int tile = 0; tile < 6; ++tile) {
      const TileOperands operands =
          random_tile(random.between(1, rows), random.between(1, columns), 1, random);
      EXPECT_EQ(chain.load(operands.first_row, operands.used_rows, operands.used_columns,
                           operands.weights),
                shifted.load(operands))
          << rows << "x" << columns << " tile " << tile;
    }
  }
}

TEST(WeightChain, ReportsEveryChangedPe) {
  const ArrayShape shape = shape_of(2, 2);
  WeightChain chain(shape);
  std::vector<std::pair<int, int>> changes;
  const auto note = [&](int from, int to) { changes.emplace_back(from, to); };
  chain.load(0, 2, 1, {5, -3}, note);
  chain.load(0, 1, 1, {5}, note);
  EXPECT_EQ(changes, (std::vector<std::pair<int, int>>{{0, 5}, {0, -3}, {-3, 0}}));
}

}  // namespace
}  // namespace togglewise::array
