// The activation part that both groupings share: which of the two activations is zero, and how many
// bits toggle. Zero flags are essential: a zero operand silences the multiplier (DESIGN.md section
// 7).
#pragma once

#include <cstddef>
#include <cstdint>

namespace togglewise::energy {

// (2·[a0 = 0] + [a1 = 0]) · (activation_bits + 1) + HD(a0, a1)
inline std::size_t activation_flags_group(int a0, int a1, int activation_bits) {
  const std::size_t flags = (a0 == 0 ? 2U : 0U) + (a1 == 0 ? 1U : 0U);
  const unsigned mask = (1U << activation_bits) - 1U;
  const int distance =
      __builtin_popcount((static_cast<unsigned>(a0) ^ static_cast<unsigned>(a1)) & mask);
  return flags * (static_cast<std::size_t>(activation_bits) + 1) +
         static_cast<std::size_t>(distance);
}

inline std::size_t activation_flags_groups(int activation_bits) {
  return 4 * (static_cast<std::size_t>(activation_bits) + 1);
}

// The bits of a partial sum that differ, within its width.
inline std::uint32_t toggled_bits(std::int32_t p0, std::int32_t p1, std::uint32_t mask) {
  return (static_cast<std::uint32_t>(p0) ^ static_cast<std::uint32_t>(p1)) & mask;
}

}  // namespace togglewise::energy
