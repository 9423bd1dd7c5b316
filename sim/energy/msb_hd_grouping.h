// Grouping `msb-hd`: the paper's (arXiv 2511.17123), with activation flags. MSB is read as the
// highest partial-sum bit that toggles: the paper's readable text gives no formula.
#pragma once

#include "sim/energy/activation_flags_grouping.h"

namespace togglewise::energy {

// With x = p0 ^ p1, m = index of its highest set bit and h = popcount(x), 1 ≤ h ≤ m+1: the pairs
// that exist are numbered 1 + m(m+1)/2 + (h−1); 0 is "no bit toggles". 22 bits make 254 groups.
class MsbHdGrouping final : public ActivationFlagsGrouping {
 public:
  static constexpr const char* kName = "msb-hd";
  using ActivationFlagsGrouping::ActivationFlagsGrouping;

  std::string name() const override { return kName; }
  std::string formula() const override {
    return "(a0=0, a1=0) x popcount(a0^a1) x (msb(p0^p1), popcount(p0^p1))";
  }
  std::size_t partial_sum_groups() const override {
    return 1 + partial_sum_bits() * (partial_sum_bits() + 1) / 2;
  }
  std::size_t partial_sum_group(std::int32_t p0, std::int32_t p1) const override {
    const std::uint32_t toggled = toggled_bits(p0, p1);
    if (toggled == 0) return 0;
    const auto msb = static_cast<std::size_t>(31 - __builtin_clz(toggled));
    return msb * (msb + 1) / 2 + static_cast<std::size_t>(__builtin_popcount(toggled));
  }
  void group_partial_sums(const std::int32_t* partial_sum, std::size_t count,
                          std::uint16_t* group) const override {
    group_stream(*this, partial_sum, count, group);
  }
  std::optional<array::ToggleGroup> engine_groups() const override {
    return array::ToggleGroup::msb_distance;
  }
};

}  // namespace togglewise::energy
