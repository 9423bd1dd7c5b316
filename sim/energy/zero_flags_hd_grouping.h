// Grouping `zero-flags-hd`: (a0 = 0?, a1 = 0?) × HD(a) × HD(p). The default: few cells, each well
// populated, and the smallest layer error of the plain schemes.
#pragma once

#include "sim/energy/activation_flags_grouping.h"

namespace togglewise::energy {

class ZeroFlagsHdGrouping final : public ActivationFlagsGrouping {
 public:
  static constexpr const char* kName = "zero-flags-hd";
  using ActivationFlagsGrouping::ActivationFlagsGrouping;

  std::string name() const override { return kName; }
  std::string formula() const override {
    return "(a0=0, a1=0) x popcount(a0^a1) x popcount(p0^p1)";
  }
  std::size_t partial_sum_groups() const override { return partial_sum_bits() + 1; }
  std::size_t partial_sum_group(std::int32_t p0, std::int32_t p1) const override {
    return static_cast<std::size_t>(__builtin_popcount(toggled_bits(p0, p1)));
  }
  void group_partial_sums(const std::int32_t* partial_sum, std::size_t count,
                          std::uint16_t* group) const override {
    group_stream(*this, partial_sum, count, group);
  }
  std::optional<array::ToggleGroup> engine_groups() const override {
    return array::ToggleGroup::distance;
  }
};

}  // namespace togglewise::energy
