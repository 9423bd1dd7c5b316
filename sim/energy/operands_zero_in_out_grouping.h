// Grouping `operands-zero-in-out`: as `operands-in-out`, but a partial sum of zero is a class of
// its own beside negative and positive ones. The top row of every tile sees nothing else, and a
// pruned network sees it far more often than the network it was made from.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

// 3·class(p0) + class(p1): 0 for zero, 1 for positive, 2 for negative partial sums.
struct SignsAndZeros {
  explicit SignsAndZeros(const OperandWidths&) {}
  static constexpr std::size_t kClasses = 3;
  std::size_t codes() const { return kClasses * kClasses; }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    return class_of(p0) * kClasses + class_of(p1);
  }
  std::optional<CodeRecipe> recipe() const { return CodeRecipe{1, 0, 0, ~0U, true}; }
  static std::size_t class_of(std::int32_t p) { return p < 0 ? 2 : p > 0 ? 1 : 0; }
};

inline const GroupingDescription kOperandsZeroInOut{
    "operands-zero-in-out",
    "T1[a0][a1] + R[a0=0, a1=0][class p0, class p1][HD(p in)/2][HD(p out)/4], "
    "class: <0, 0, >0",
    parts_of<OperandsPart,
             GroupingPartOf<ZeroFlags, Both<SignsAndZeros, CoarseDistance<2>>, CoarseDistance<4>>>};

}  // namespace togglewise::energy
