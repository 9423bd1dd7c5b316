// Steps that the kernels of table look-ups share, for one instruction set. Included once per
// target.
#if defined(TOGGLEWISE_TABLE_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TOGGLEWISE_TABLE_VECTORS_INL_H_
#undef TOGGLEWISE_TABLE_VECTORS_INL_H_
#else
#define TOGGLEWISE_TABLE_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

#include "sim/array/vnni_target.h"
#include "sim/energy/transition_grouping.h"

HWY_BEFORE_NAMESPACE();
#if TOGGLEWISE_WITH_VNNI
HWY_PUSH_ATTRIBUTES("avx512vnni")
#endif
namespace togglewise::energy::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D32 = hn::ScalableTag<std::int32_t>;
using DU32 = hn::ScalableTag<std::uint32_t>;
using V32 = hn::Vec<D32>;
using VU32 = hn::Vec<DU32>;
#if HWY_TARGET != HWY_SCALAR
using D16 = hn::ScalableTag<std::int16_t>;
using D64 = hn::ScalableTag<std::int64_t>;
#endif

// sum + a.low·b.low + a.high·b.high, of the int16 halves of every lane.
HWY_INLINE V32 AddProducts(V32 sum, V32 a, V32 b) {
#if TOGGLEWISE_WITH_VNNI
  return V32{_mm512_dpwssd_epi32(sum.raw, a.raw, b.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
  V32 unused = hn::Zero(D32());
  return hn::ReorderWidenMulAccumulate(D32(), hn::BitCast(D16(), a), hn::BitCast(D16(), b), sum,
                                       unused);
#else
  const V32 low =
      hn::Mul(hn::ShiftRight<16>(hn::ShiftLeft<16>(a)), hn::ShiftRight<16>(hn::ShiftLeft<16>(b)));
  const V32 high = hn::Mul(hn::ShiftRight<16>(a), hn::ShiftRight<16>(b));
  return hn::Add(sum, hn::Add(low, high));
#endif
}

#if HWY_TARGET != HWY_SCALAR
HWY_INLINE V32 OddLanes(V32 values) {
  return hn::BitCast(D32(), hn::ShiftRight<32>(hn::BitCast(D64(), values)));
}
#endif

// A recipe as AddProducts takes it: the distance's factor in the low halves, that of the signs in
// the high ones.
struct CodeVectors {
  VU32 mask;
  V32 factors;
  int shift;
  bool zeros_apart;
  HWY_INLINE CodeVectors(const CodeRecipe& recipe, std::uint32_t distance_mask)
      : mask(hn::Set(DU32(), distance_mask)),
        factors(hn::Set(D32(), (recipe.sign_factor * 65536) | recipe.distance_factor)),
        shift(recipe.distance_shift),
        zeros_apart(recipe.zeros_apart) {}
};

// Lanes of transitions p0 → p1.
struct Boundary {
  VU32 distance;
  VU32 signs;  // as CodeRecipe has them, in the high halves

  HWY_INLINE Boundary(VU32 mask, bool zeros_apart, V32 p0, V32 p1) {
    const DU32 d;
    const VU32 u0 = hn::BitCast(d, p0);
    const VU32 u1 = hn::BitCast(d, p1);
    distance = hn::PopulationCount(hn::And(hn::Xor(u0, u1), mask));
    if (zeros_apart) {
      const VU32 first = Class(u0);
      const VU32 three_times = hn::Add(first, hn::Add(first, first));
      signs = hn::ShiftLeft<16>(hn::Add(three_times, Class(u1)));
    } else {
      signs = hn::Or(hn::And(hn::ShiftRight<14>(u0), hn::Set(d, 1U << 17U)),
                     hn::And(hn::ShiftRight<15>(u1), hn::Set(d, 1U << 16U)));
    }
  }
  // [p ≠ 0] + [p < 0]
  static HWY_INLINE VU32 Class(VU32 p) {
    const DU32 d;
    const VU32 not_zero = hn::IfThenZeroElse(hn::Eq(p, hn::Zero(d)), hn::Set(d, 1U));
    return hn::Add(not_zero, hn::ShiftRight<31>(p));
  }
  HWY_INLINE V32 Code(const CodeVectors& code) const {
    const VU32 pair = hn::Or(hn::ShiftRightSame(distance, code.shift), signs);
    return AddProducts(hn::Zero(D32()), hn::BitCast(D32(), pair), code.factors);
  }
};

// A sum of 32-bit numbers that does not overflow, of fewer than 2^15 a lane: lanes add up the
// numbers modulo 2^32 and their upper halves. What the upper halves leave of the former is the sum
// of the lower halves, which is below 2^32.
class ExactSum {
 public:
  HWY_INLINE ExactSum() : sum_(hn::Zero(D32())), upper_(hn::Zero(D32())) {}
  HWY_INLINE void Add(V32 values) {
    sum_ = hn::Add(sum_, values);
    upper_ = hn::Add(upper_, hn::ShiftRight<16>(values));
  }
  // to[i] += the sum of lane i.
  HWY_INLINE void AddLanesTo(std::int64_t* to) const {
    const D32 d;
    HWY_ALIGN std::int32_t upper[hn::MaxLanes(D32())];
    HWY_ALIGN std::uint32_t lower[hn::MaxLanes(D32())];
    hn::Store(upper_, d, upper);
    hn::Store(hn::BitCast(DU32(), hn::Sub(sum_, hn::ShiftLeft<16>(upper_))), DU32(), lower);
    for (std::size_t i = 0; i < hn::Lanes(d); ++i) {
      to[i] += std::int64_t{upper[i]} * 65536 + std::int64_t{lower[i]};
    }
  }
  HWY_INLINE std::int64_t Total() const {
    std::int64_t lanes[hn::MaxLanes(D32())] = {};
    AddLanesTo(lanes);
    std::int64_t total = 0;
    for (std::size_t i = 0; i < hn::Lanes(D32()); ++i) total += lanes[i];
    return total;
  }

 private:
  V32 sum_;
  V32 upper_;
};

}  // namespace togglewise::energy::HWY_NAMESPACE
#if TOGGLEWISE_WITH_VNNI
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#endif  // TOGGLEWISE_TABLE_VECTORS_INL_H_
