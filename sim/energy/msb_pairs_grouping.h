// Grouping `msb-pairs`: in the manner of PowerPruning (arXiv 2303.13997): where the partial sum
// was and where it goes, as classes of magnitude.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

// Seven classes of |p|: bit length · 7 / (bits + 1).
struct MagnitudeClasses {
  explicit MagnitudeClasses(const OperandWidths& widths)
      : bits(static_cast<std::size_t>(widths.partial_sum_bits)) {}
  static constexpr std::size_t kClasses = 7;
  std::size_t codes() const { return kClasses * kClasses; }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    return of(p0) * kClasses + of(p1);
  }
  std::size_t of(std::int32_t p) const {
    return bit_length(static_cast<std::uint32_t>(std::abs(p))) * kClasses / (bits + 1);
  }
  std::size_t bits;
};

inline const GroupingDescription kMsbPairs{
    "msb-pairs",
    "(a0=0, a1=0) x HD(a) x class(|p0|) x class(|p1|), class = 7 x bit length / (bits+1)",
    parts_of<GroupingPartOf<ZeroFlagsAndDistance, MagnitudeClasses>>};

}  // namespace togglewise::energy
