// The activation part that groupings share: which of the two activations is zero, and how many bits
// toggle. Zero flags are essential: a zero operand silences the multiplier.
#pragma once

#include "sim/energy/transition_grouping.h"

namespace togglewise::energy {

// activation group = (2·[a0 = 0] + [a1 = 0]) · (activation_bits + 1) + HD(a0, a1).
// Derived classes group the partial sums.
class ActivationFlagsGrouping : public TransitionGrouping {
 public:
  ActivationFlagsGrouping(int activation_bits, int partial_sum_bits)
      : activation_bits_(static_cast<std::size_t>(activation_bits)),
        activation_mask_((1U << activation_bits) - 1U),
        partial_sum_bits_(static_cast<std::size_t>(partial_sum_bits)),
        partial_sum_mask_(partial_sum_bits >= 32 ? ~0U : (1U << partial_sum_bits) - 1U) {}

  std::size_t activation_groups() const final { return 4 * (activation_bits_ + 1); }
  std::size_t activation_group(int a0, int a1) const final {
    const std::size_t flags = (a0 == 0 ? 2U : 0U) + (a1 == 0 ? 1U : 0U);
    const unsigned toggled = (static_cast<unsigned>(a0) ^ static_cast<unsigned>(a1));
    const int distance = __builtin_popcount(toggled & activation_mask_);
    return flags * (activation_bits_ + 1) + static_cast<std::size_t>(distance);
  }

 protected:
  std::size_t partial_sum_bits() const { return partial_sum_bits_; }

  // The bits of a partial sum that differ, within its width.
  std::uint32_t toggled_bits(std::int32_t p0, std::int32_t p1) const {
    return (static_cast<std::uint32_t>(p0) ^ static_cast<std::uint32_t>(p1)) & partial_sum_mask_;
  }

  // group_partial_sums for a final class: the compiler sees which partial_sum_group is called.
  template <typename Grouping>
  static void group_stream(const Grouping& grouping, const std::int32_t* partial_sum,
                           std::size_t count, std::uint16_t* group) {
    for (std::size_t t = 0; t < count; ++t) {
      group[t] = static_cast<std::uint16_t>(
          grouping.partial_sum_group(partial_sum[t], partial_sum[t + 1]));
    }
  }

 private:
  std::size_t activation_bits_;
  std::uint32_t activation_mask_;
  std::size_t partial_sum_bits_;
  std::uint32_t partial_sum_mask_;
};

}  // namespace togglewise::energy
