// Grouping `msb-hd`: arXiv 2511.17123 with activation flags, MSB read as the highest
// partial-sum bit that toggles. The paper's readable text gives no formula; `msb-max-hd` is the
// other reading.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

// With m = index of the highest toggled bit and h = HD(p), 1 ≤ h ≤ m+1: the pairs that exist are
// numbered 1 + m(m+1)/2 + (h−1); 0 is "no bit toggles". 22 bits make 254 groups.
struct ToggledMsbAndDistance {
  explicit ToggledMsbAndDistance(const OperandWidths& widths) : distance(widths) {}
  std::size_t codes() const { return 1 + distance.bits * (distance.bits + 1) / 2; }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    const std::uint32_t toggled =
        (static_cast<std::uint32_t>(p0) ^ static_cast<std::uint32_t>(p1)) & distance.mask;
    if (toggled == 0) return 0;
    const std::size_t msb = bit_length(toggled) - 1;
    return msb * (msb + 1) / 2 + distance(p0, p1);
  }
  Distance distance;
};

inline const GroupingDescription kMsbHd{
    "msb-hd", "(a0=0, a1=0) x HD(a) x (MSB(p0^p1), HD(p))",
    parts_of<GroupingPartOf<ZeroFlagsAndDistance, ToggledMsbAndDistance>>};

}  // namespace togglewise::energy
