// Grouping `msb-hd`: the paper's (arXiv 2511.17123), with activation flags. MSB is read as the
// highest partial-sum bit that toggles: the paper's readable text gives no formula.
#pragma once

#include "sim/energy/activation_flags.h"
#include "sim/energy/transition_grouping.h"

namespace togglewise::energy {

// With x = p0 ^ p1, m = index of its highest set bit and h = popcount(x), 1 ≤ h ≤ m+1: the pairs
// that exist are numbered 1 + m(m+1)/2 + (h−1); 0 is "no bit toggles". 22 bits make 254 groups.
class MsbHdGrouping final : public TransitionGrouping {
 public:
  static constexpr const char* kName = "msb-hd";

  MsbHdGrouping(int activation_bits, int partial_sum_bits)
      : activation_bits_(activation_bits),
        partial_sum_bits_(partial_sum_bits),
        mask_(partial_sum_bits >= 32 ? ~0U : (1U << partial_sum_bits) - 1U) {}

  std::string name() const override { return kName; }
  std::string formula() const override {
    return "(a0=0, a1=0) x popcount(a0^a1) x (msb(p0^p1), popcount(p0^p1))";
  }
  std::size_t activation_groups() const override {
    return activation_flags_groups(activation_bits_);
  }
  std::size_t partial_sum_groups() const override {
    const auto bits = static_cast<std::size_t>(partial_sum_bits_);
    return 1 + bits * (bits + 1) / 2;
  }
  std::size_t activation_group(int a0, int a1) const override {
    return activation_flags_group(a0, a1, activation_bits_);
  }
  std::size_t partial_sum_group(std::int32_t p0, std::int32_t p1) const override {
    const std::uint32_t toggled = toggled_bits(p0, p1, mask_);
    if (toggled == 0) return 0;
    const auto msb = static_cast<std::size_t>(31 - __builtin_clz(toggled));
    return 1 + msb * (msb + 1) / 2 + static_cast<std::size_t>(__builtin_popcount(toggled)) - 1;
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
