// Grouping `msb-max-hd`: arXiv 2511.17123 with activation flags, MSB read as that of the partial
// sum of larger magnitude. `msb-hd` is the other reading.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

// Bit length of max(|p0|, |p1|).
struct LargerMsb {
  explicit LargerMsb(const OperandWidths& widths)
      : bits(static_cast<std::size_t>(widths.partial_sum_bits)) {}
  std::size_t codes() const { return bits + 1; }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    return bit_length(static_cast<std::uint32_t>(std::max(std::abs(p0), std::abs(p1))));
  }
  std::size_t bits;
};

inline const GroupingDescription kMsbMaxHd{
    "msb-max-hd", "(a0=0, a1=0) x HD(a) x MSB(max(|p0|, |p1|)) x HD(p)",
    parts_of<GroupingPartOf<ZeroFlagsAndDistance, Both<LargerMsb, Distance>>>};

}  // namespace togglewise::energy
