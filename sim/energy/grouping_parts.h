// What groupings are put together from: ways to group activations, codes of partial sums, and the
// part made of one of the former and two of the latter.
//
// HD is the Hamming distance popcount(x0 ^ x1), within the operand's width.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <type_traits>

#include "sim/energy/transition_grouping.h"

namespace togglewise::energy {

inline std::uint32_t mask_of(int bits) { return bits >= 32 ? ~0U : (1U << bits) - 1U; }
inline std::size_t hamming_distance(std::int32_t x0, std::int32_t x1, std::uint32_t mask) {
  const std::uint32_t toggled = static_cast<std::uint32_t>(x0) ^ static_cast<std::uint32_t>(x1);
  return static_cast<std::size_t>(__builtin_popcount(toggled & mask));
}
// Bits of x: 0 for 0, otherwise the position of the highest set bit, counted from 1.
inline std::size_t bit_length(std::uint32_t x) {
  return x == 0 ? 0 : static_cast<std::size_t>(32 - __builtin_clz(x));
}

// --- Activations: groups() and operator()(a0, a1) ---

// 2·[a0 = 0] + [a1 = 0]. A zero operand silences the multiplier: no grouping does well without.
struct ZeroFlags {
  explicit ZeroFlags(const OperandWidths&) {}
  std::size_t groups() const { return 4; }
  std::size_t operator()(int a0, int a1) const { return (a0 == 0 ? 2U : 0U) + (a1 == 0 ? 1U : 0U); }
};

struct ActivationDistance {
  explicit ActivationDistance(const OperandWidths& widths)
      : distances(static_cast<std::size_t>(widths.activation_bits) + 1),
        mask(mask_of(widths.activation_bits)) {}
  std::size_t groups() const { return distances; }
  std::size_t operator()(int a0, int a1) const { return hamming_distance(a0, a1, mask); }
  std::size_t distances;
  std::uint32_t mask;
};

// (2·[a0 = 0] + [a1 = 0]) · (bits + 1) + HD(a0, a1).
struct ZeroFlagsAndDistance {
  explicit ZeroFlagsAndDistance(const OperandWidths& widths) : flags(widths), distance(widths) {}
  std::size_t groups() const { return flags.groups() * distance.groups(); }
  std::size_t operator()(int a0, int a1) const {
    return flags(a0, a1) * distance.groups() + distance(a0, a1);
  }
  ZeroFlags flags;
  ActivationDistance distance;
};

// Every pair: (a0 − lowest)·n + (a1 − lowest) for n values from `lowest` on, which is 0 where no
// activation is negative.
struct ActivationPair {
  explicit ActivationPair(const OperandWidths& widths)
      : lowest(widths.negative_activations ? -(1 << (widths.activation_bits - 1)) : 0),
        values(static_cast<std::size_t>((1 << (widths.activation_bits - 1)) - lowest)) {}
  std::size_t groups() const { return values * values; }
  std::size_t operator()(int a0, int a1) const {
    return static_cast<std::size_t>(a0 - lowest) * values + static_cast<std::size_t>(a1 - lowest);
  }
  int lowest;
  std::size_t values;
};

// --- Partial sums: codes() (the highest code + 1) and operator()(p0, p1) ---
// Those that vector instructions can compute say so by recipe().

template <typename Code, typename = void>
struct HasRecipe : std::false_type {};
template <typename Code>
struct HasRecipe<Code, std::void_t<decltype(std::declval<const Code&>().recipe())>>
    : std::true_type {};

// code · factor
template <typename Code>
std::optional<CodeRecipe> recipe_of(const Code& code, std::size_t factor) {
  std::optional<CodeRecipe> recipe;
  if constexpr (HasRecipe<Code>::value) recipe = code.recipe();
  if (!recipe) return recipe;
  recipe->sign_factor *= static_cast<int>(factor);
  recipe->distance_factor *= static_cast<int>(factor);
  return recipe;
}

// first + second, unless both look at distances, or at signs.
inline std::optional<CodeRecipe> sum_of(std::optional<CodeRecipe> first,
                                        std::optional<CodeRecipe> second) {
  if (!first || !second) return std::nullopt;
  if (first->distance_factor != 0 && second->distance_factor != 0) return std::nullopt;
  if (first->sign_factor != 0 && second->sign_factor != 0) return std::nullopt;
  CodeRecipe sum = second->distance_factor != 0 ? *second : *first;
  sum.sign_factor = first->sign_factor + second->sign_factor;
  sum.zeros_apart = first->zeros_apart || second->zeros_apart;
  return sum;
}

struct NoCode {
  explicit NoCode(const OperandWidths&) {}
  std::size_t codes() const { return 1; }
  std::size_t operator()(std::int32_t, std::int32_t) const { return 0; }
  std::optional<CodeRecipe> recipe() const { return CodeRecipe{}; }
};

struct Distance {
  explicit Distance(const OperandWidths& widths)
      : bits(static_cast<std::size_t>(widths.partial_sum_bits)),
        mask(mask_of(widths.partial_sum_bits)) {}
  std::size_t codes() const { return bits + 1; }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    return hamming_distance(p0, p1, mask);
  }
  std::optional<CodeRecipe> recipe() const { return CodeRecipe{0, 0, 1, mask}; }
  std::size_t bits;
  std::uint32_t mask;
};

// HD / kDivisor, rounded down.
template <std::size_t kDivisor>
struct CoarseDistance {
  explicit CoarseDistance(const OperandWidths& widths) : distance(widths) {}
  std::size_t codes() const { return distance.bits / kDivisor + 1; }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    return distance(p0, p1) / kDivisor;
  }
  std::optional<CodeRecipe> recipe() const {
    if constexpr ((kDivisor & (kDivisor - 1)) != 0) return std::nullopt;
    return CodeRecipe{0, __builtin_ctzll(kDivisor), 1, distance.mask};
  }
  Distance distance;
};

// 2·[p0 < 0] + [p1 < 0].
struct Signs {
  explicit Signs(const OperandWidths&) {}
  std::size_t codes() const { return 4; }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    return (p0 < 0 ? 2U : 0U) + (p1 < 0 ? 1U : 0U);
  }
  std::optional<CodeRecipe> recipe() const { return CodeRecipe{1, 0, 0}; }
};

// Signs · (2·bits + 1) + HD: leaves room for the distance of another partial sum.
struct SignsAndDistanceOfTwo {
  explicit SignsAndDistanceOfTwo(const OperandWidths& widths) : signs(widths), distance(widths) {}
  std::size_t sums() const { return 2 * distance.bits + 1; }
  std::size_t codes() const { return signs.codes() * sums(); }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    return signs(p0, p1) * sums() + distance(p0, p1);
  }
  std::optional<CodeRecipe> recipe() const {
    return sum_of(recipe_of(signs, sums()), distance.recipe());
  }
  Signs signs;
  Distance distance;
};

// high · codes(low) + low.
template <typename High, typename Low>
struct Both {
  explicit Both(const OperandWidths& widths) : high(widths), low(widths) {}
  std::size_t codes() const { return high.codes() * low.codes(); }
  std::size_t operator()(std::int32_t p0, std::int32_t p1) const {
    return high(p0, p1) * low.codes() + low(p0, p1);
  }
  std::optional<CodeRecipe> recipe() const {
    return sum_of(recipe_of(high, low.codes()), recipe_of(low, 1));
  }
  High high;
  Low low;
};

// Activations by `Activation`; the partial sum that enters by `In`, the one that leaves by `Out`:
// every pair of their codes is a group, or every sum of them, for which `In` leaves room.
enum class Combine { pairs, sums };
template <typename Activation, typename In, typename Out = NoCode, Combine combine = Combine::pairs>
class GroupingPartOf final : public GroupingPart {
 public:
  explicit GroupingPartOf(const OperandWidths& widths)
      : activation_(widths),
        in_(widths),
        out_(widths),
        in_step_(combine == Combine::pairs ? out_.codes() : 1) {}

  std::size_t activation_groups() const override { return activation_.groups(); }
  std::size_t partial_sum_groups() const override { return in_.codes() * in_step_; }
  std::size_t activation_group(int a0, int a1) const override { return activation_(a0, a1); }
  std::size_t in_code(std::int32_t p0, std::int32_t p1) const override {
    return in_(p0, p1) * in_step_;
  }
  std::size_t out_code(std::int32_t p0, std::int32_t p1) const override { return out_(p0, p1); }
  void in_codes(const std::int32_t* p, std::size_t count, std::uint16_t* code) const override {
    for (std::size_t t = 0; t < count; ++t) {
      code[t] = static_cast<std::uint16_t>(in_(p[t], p[t + 1]) * in_step_);
    }
  }
  void out_codes(const std::int32_t* p, std::size_t count, std::uint16_t* code) const override {
    for (std::size_t t = 0; t < count; ++t)
      code[t] = static_cast<std::uint16_t>(out_(p[t], p[t + 1]));
  }
  std::optional<CodeRecipe> in_recipe() const override { return recipe_of(in_, in_step_); }
  std::optional<CodeRecipe> out_recipe() const override { return recipe_of(out_, 1); }

 private:
  Activation activation_;
  In in_;
  Out out_;
  std::size_t in_step_;
};

// The parts of a grouping, in order.
template <typename... Part>
TransitionGrouping::Parts parts_of(const OperandWidths& widths) {
  TransitionGrouping::Parts parts;
  (parts.push_back(std::make_unique<Part>(widths)), ...);
  return parts;
}

// T1[w][a0][a1], the first part of all groupings by operands.
using OperandsPart = GroupingPartOf<ActivationPair, NoCode>;

}  // namespace togglewise::energy
