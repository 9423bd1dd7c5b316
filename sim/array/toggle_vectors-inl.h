// The steps that the toggle kernels share, for one instruction set. Included once per target.
#if defined(TOGGLEWISE_TOGGLE_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TOGGLEWISE_TOGGLE_VECTORS_INL_H_
#undef TOGGLEWISE_TOGGLE_VECTORS_INL_H_
#else
#define TOGGLEWISE_TOGGLE_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

#include "sim/array/stream_block.h"
#include "sim/array/vnni_target.h"

HWY_BEFORE_NAMESPACE();
#if TOGGLEWISE_WITH_VNNI
// Every machine of this target has these two; Highway does not name them.
HWY_PUSH_ATTRIBUTES("avx512vnni,avx512cd")
#endif
namespace togglewise::array::HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR
namespace hn = hwy::HWY_NAMESPACE;

using D32 = hn::ScalableTag<std::int32_t>;
using DU32 = hn::ScalableTag<std::uint32_t>;
using D16 = hn::ScalableTag<std::int16_t>;
using DU16 = hn::ScalableTag<std::uint16_t>;
using DU8 = hn::ScalableTag<std::uint8_t>;
using DU64 = hn::ScalableTag<std::uint64_t>;
using V32 = hn::Vec<D32>;
using VU32 = hn::Vec<DU32>;
using V16 = hn::Vec<D16>;

// Vectors of 32-bit lanes worked on at a time: three sums for each must stay in registers.
#if HWY_TARGET <= HWY_AVX3
constexpr int kMostVectors = 4;
#else
constexpr int kMostVectors = 2;
#endif
// A 32-bit lane holds the pair of times (2i, 2i+1).
HWY_INLINE std::size_t TransitionsPerVector() { return 2 * hn::Lanes(D32()); }

// sum + a.low·b.low + a.high·b.high, of the int16 halves of every lane.
HWY_INLINE V32 AddProducts(V32 sum, V32 a, V32 b) {
#if TOGGLEWISE_WITH_VNNI
  return V32{_mm512_dpwssd_epi32(sum.raw, a.raw, b.raw)};
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
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

// Bits that fall from a to b or from b to c.
HWY_INLINE VU32 Falling(V32 a, V32 b, V32 c) {
#if HWY_TARGET <= HWY_AVX3
  return VU32{_mm512_ternarylogic_epi32(a.raw, b.raw, c.raw, 0x74)};
#else
  return hn::BitCast(DU32(), hn::Or(hn::AndNot(b, a), hn::AndNot(c, b)));
#endif
}

// a + b + c in every bit: the sum stays in `a`, the carry is returned.
HWY_INLINE VU32 FullAdder(VU32& a, VU32 b, VU32 c) {
#if HWY_TARGET <= HWY_AVX3
  const VU32 carry{_mm512_ternarylogic_epi32(a.raw, b.raw, c.raw, 0xE8)};
  a = VU32{_mm512_ternarylogic_epi32(a.raw, b.raw, c.raw, 0x96)};
  return carry;
#else
  const VU32 ab = hn::Xor(a, b);
  const VU32 carry = hn::Or(hn::And(a, b), hn::And(ab, c));
  a = hn::Xor(ab, c);
  return carry;
#endif
}

// Set bits, counted in lanes whose width depends on the target, and counts times a number.
#if TOGGLEWISE_WITH_VNNI
using Count = VU32;
HWY_INLINE Count NoCount() { return hn::Zero(DU32()); }
template <int kVectors>
HWY_INLINE Count CountBits(const VU32* bits) {
  Count count = hn::PopulationCount(bits[0]);
  for (int j = 1; j < kVectors; ++j) count = hn::Add(count, hn::PopulationCount(bits[j]));
  return count;
}
HWY_INLINE Count AddTimes(Count sum, Count count, std::int32_t times) {
  return VU32{_mm512_dpwssd_epi32(sum.raw, count.raw, _mm512_set1_epi32(times))};
}
HWY_INLINE std::uint64_t Total(Count count) { return hn::GetLane(hn::SumOfLanes(DU32(), count)); }
#else
using Count = hn::Vec<DU64>;
HWY_INLINE Count NoCount() { return hn::Zero(DU64()); }
template <int kVectors>
HWY_INLINE Count CountBits(const VU32* bits) {
  auto bytes = hn::PopulationCount(hn::BitCast(DU8(), bits[0]));
  for (int j = 1; j < kVectors; ++j) {
    bytes = hn::Add(bytes, hn::PopulationCount(hn::BitCast(DU8(), bits[j])));
  }
  return hn::SumsOf8(bytes);
}
HWY_INLINE Count AddTimes(Count sum, Count count, std::int32_t times) {
  const VU32 factor = hn::Set(DU32(), static_cast<std::uint32_t>(times));
  return hn::Add(sum, hn::MulEven(hn::BitCast(DU32(), count), factor));
}
HWY_INLINE std::uint64_t Total(Count count) { return hn::GetLane(hn::SumOfLanes(DU64(), count)); }
#endif

// The partial sums of one column at kVectors·TransitionsPerVector() transitions.
template <int kVectors>
struct PartialSums {
  V32 even[kVectors];  // at times 2i
  V32 odd[kVectors];   // at times 2i + 1
  V32 next[kVectors];  // at times 2i + 2

  // What enters at the top, at all times.
  HWY_INLINE void Start(std::int32_t value) {
    for (int j = 0; j < kVectors; ++j) even[j] = odd[j] = next[j] = hn::Set(D32(), value);
  }

  HWY_INLINE void AddRow(const std::int16_t* activations, const LiveRow& row) {
    const D16 d16;
    const V32 even_weight = hn::Set(D32(), row.even_weight);
    const V32 odd_weight = hn::Set(D32(), row.odd_weight);
    for (int j = 0; j < kVectors; ++j) {
      const std::int16_t* a = activations + static_cast<std::size_t>(j) * hn::Lanes(d16);
      const V32 pair = hn::BitCast(D32(), hn::Load(d16, a));
      const V32 next_pair = hn::BitCast(D32(), hn::LoadU(d16, a + 2));
      even[j] = AddProducts(even[j], pair, even_weight);
      odd[j] = AddProducts(odd[j], pair, odd_weight);
      next[j] = AddProducts(next[j], next_pair, even_weight);
    }
  }

  template <bool kMasked>
  HWY_INLINE void Falls(VU32 mask, VU32* falls) const {
    for (int j = 0; j < kVectors; ++j) {
      falls[j] = Falling(even[j], odd[j], next[j]);
      if (kMasked) falls[j] = hn::And(falls[j], mask);
    }
  }
};

// A sink is told Begin(first transition) and then, row by row, Row(sums, live row) and Bottom(sums,
// column) below the last one.
// Hands the partial sums below every live row of column c to the sink, vector by vector.
template <int kVectors, class Sink>
HWY_INLINE void RunRows(const std::int16_t* activations, const WeightColumns& weights,
                        std::size_t column, Sink& sink) {
  PartialSums<kVectors> sums;
  sums.Start(weights.start);
  const std::uint32_t end = weights.begin[column + 1];
  for (std::uint32_t i = weights.begin[column]; i < end; ++i) {
    const LiveRow& row = weights.rows[i];
    sums.AddRow(activations + static_cast<std::size_t>(row.row) * kBlockStride, row);
    sink.Row(sums, i);
  }
  sink.Bottom(sums, column);
}

// Columns outside, so that the block's activations stay in the first-level cache.
template <class Sink>
HWY_INLINE void RunColumn(const StreamBlock& block, const WeightColumns& weights,
                          std::size_t column, Sink& sink) {
  const std::size_t step = TransitionsPerVector();
  const std::size_t vectors = (block.transitions() + step - 1) / step;
  for (std::size_t v = 0; v < vectors; v += kMostVectors) {
    const std::int16_t* activations = block.values() + v * step;
    sink.Begin(v * step);
    const std::size_t left = vectors - v;
    if (left >= static_cast<std::size_t>(kMostVectors)) {
      RunRows<kMostVectors>(activations, weights, column, sink);
    } else if (left == 3) {
      RunRows<3>(activations, weights, column, sink);
    } else if (left == 2) {
      RunRows<2>(activations, weights, column, sink);
    } else {
      RunRows<1>(activations, weights, column, sink);
    }
  }
}

template <class Sink>
HWY_INLINE void RunColumns(const StreamBlock& block, const WeightColumns& weights, Sink& sink) {
  for (std::size_t c = 0; c + 1 < weights.begin.size(); ++c) RunColumn(block, weights, c, sink);
}

#endif
}  // namespace togglewise::array::HWY_NAMESPACE
#if TOGGLEWISE_WITH_VNNI
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#endif  // TOGGLEWISE_TOGGLE_VECTORS_INL_H_
