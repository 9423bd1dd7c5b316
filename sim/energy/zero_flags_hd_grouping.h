// Grouping `zero-flags-hd`: (a0 = 0?, a1 = 0?) × HD(a) × HD(p). The default: few cells, each well
// populated, and the smallest layer error of the plain schemes (DESIGN.md section 7).
#pragma once

#include "sim/energy/activation_flags.h"
#include "sim/energy/transition_grouping.h"

namespace togglewise::energy {

class ZeroFlagsHdGrouping final : public TransitionGrouping {
 public:
  static constexpr const char* kName = "zero-flags-hd";

  ZeroFlagsHdGrouping(int activation_bits, int partial_sum_bits)
      : activation_bits_(activation_bits),
        partial_sum_bits_(partial_sum_bits),
        mask_(partial_sum_bits >= 32 ? ~0U : (1U << partial_sum_bits) - 1U) {}

  std::string name() const override { return kName; }
  std::string formula() const override {
    return "(a0=0, a1=0) x popcount(a0^a1) x popcount(p0^p1)";
  }
  std::size_t activation_groups() const override {
    return activation_flags_groups(activation_bits_);
  }
  std::size_t partial_sum_groups() const override {
    return static_cast<std::size_t>(partial_sum_bits_) + 1;
  }
  std::size_t activation_group(int a0, int a1) const override {
    return activation_flags_group(a0, a1, activation_bits_);
  }
  std::size_t partial_sum_group(std::int32_t p0, std::int32_t p1) const override {
    return static_cast<std::size_t>(__builtin_popcount(toggled_bits(p0, p1, mask_)));
  }
  void group_partial_sums(const std::int32_t* partial_sum, std::size_t count,
                          std::uint16_t* group) const override {
    for (std::size_t t = 0; t < count; ++t) {
      group[t] = static_cast<std::uint16_t>(partial_sum_group(partial_sum[t], partial_sum[t + 1]));
    }
  }

 private:
  int activation_bits_;
  int partial_sum_bits_;
  std::uint32_t mask_;
};

}  // namespace togglewise::energy
