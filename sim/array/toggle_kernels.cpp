#include "sim/array/toggle_kernels.h"

#include <algorithm>
#include <cstring>

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/array/toggle_kernels.cpp"
#ifndef HWY_WANT_AVX3_DL
#define HWY_WANT_AVX3_DL  // the AVX-512 population count
#endif
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/array/toggle_kernels_scalar-inl.h"
#include "sim/array/toggle_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
#if TOGGLEWISE_WITH_VNNI
HWY_PUSH_ATTRIBUTES("avx512vnni,avx512cd")
#endif
namespace togglewise::array::HWY_NAMESPACE {

const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

#if HWY_TARGET == HWY_SCALAR

void Widen(const std::int8_t* from, std::size_t count, int shift, std::int16_t* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::int16_t>(from[i] * (1 << shift));
}

std::uint64_t ByteToggles(const std::int8_t* values, std::size_t count, std::uint32_t mask) {
  std::uint64_t total = 0;
  for (std::size_t t = 0; t + 1 < count; ++t) {
    const unsigned changed = static_cast<unsigned>(values[t] ^ values[t + 1]) & mask;
    total += static_cast<std::uint64_t>(__builtin_popcount(changed & 0xFFU));
  }
  return total;
}

void AddTotals(const StreamBlock& block, const WeightColumns& weights, int array_columns,
               FallingEdges& sum) {
  scalar::add_totals(block, weights, array_columns, sum);
}

void AddRows(const StreamBlock& block, const WeightColumns& weights, std::uint64_t* falls) {
  scalar::add_rows(block, weights, falls);
}

void GroupColumn(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                 int column, std::uint16_t* group) {
  scalar::group_column(kind, block, weights, static_cast<std::size_t>(column), group);
}

void CountPairs(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                std::uint32_t* pairs, std::uint32_t*) {
  scalar::count_pairs(kind, block, weights, pairs);
}

#else

void Widen(const std::int8_t* from, std::size_t count, int shift, std::int16_t* to) {
  const D16 d16;
  const hn::Rebind<std::int8_t, D16> d8;
  const std::size_t lanes = hn::Lanes(d16);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(hn::ShiftLeftSame(hn::PromoteTo(d16, hn::LoadU(d8, from + i)), shift), d16, to + i);
  }
  for (; i < count; ++i) to[i] = static_cast<std::int16_t>(from[i] * (1 << shift));
}

std::uint64_t ByteToggles(const std::int8_t* values, std::size_t count, std::uint32_t mask) {
  const DU8 d8;
  const std::size_t lanes = hn::Lanes(d8);
  const auto bits = hn::Set(d8, static_cast<std::uint8_t>(mask));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values);
  auto sum = hn::Zero(DU64());
  std::size_t t = 0;
  for (; t + lanes < count; t += lanes) {
    const auto changed = hn::Xor(hn::LoadU(d8, bytes + t), hn::LoadU(d8, bytes + t + 1));
    sum = hn::Add(sum, hn::SumsOf8(hn::PopulationCount(hn::And(changed, bits))));
  }
  std::uint64_t total = hn::GetLane(hn::SumOfLanes(DU64(), sum));
  for (; t + 1 < count; ++t) {
    const unsigned changed = static_cast<unsigned>(bytes[t] ^ bytes[t + 1]) & mask;
    total += static_cast<std::uint64_t>(__builtin_popcount(changed));
  }
  return total;
}

template <bool kMasked>
struct TotalsSink {
  const LiveRow* rows;
  std::int32_t array_columns;
  VU32 mask;
  Count active = NoCount();
  Count bottom = NoCount();
  Count deskew = NoCount();

  HWY_INLINE void Begin(std::size_t) {}
  template <int kVectors>
  HWY_INLINE void Row(const PartialSums<kVectors>& sums, std::uint32_t i) {
    VU32 falls[kVectors];
    sums.template Falls<kMasked>(mask, falls);
    active = AddTimes(active, CountBits<kVectors>(falls), rows[i].repeats);
  }
  template <int kVectors>
  HWY_INLINE void Bottom(const PartialSums<kVectors>& sums, std::size_t column) {
    VU32 falls[kVectors];
    sums.template Falls<kMasked>(mask, falls);
    const Count count = CountBits<kVectors>(falls);
    bottom = hn::Add(bottom, count);
    deskew = AddTimes(deskew, count, array_columns - 1 - static_cast<std::int32_t>(column));
  }
};

template <bool kMasked>
HWY_INLINE void Totals(const StreamBlock& block, const WeightColumns& weights, int array_columns,
                       FallingEdges& sum) {
  TotalsSink<kMasked> sink{weights.rows.data(), array_columns, hn::Set(DU32(), block.mask())};
  RunColumns(block, weights, sink);
  sum.active += Total(sink.active);
  sum.bottom += Total(sink.bottom);
  sum.deskew += Total(sink.deskew);
}

void AddTotals(const StreamBlock& block, const WeightColumns& weights, int array_columns,
               FallingEdges& sum) {
  if (block.masked()) {
    Totals<true>(block, weights, array_columns, sum);
  } else {
    Totals<false>(block, weights, array_columns, sum);
  }
}

struct RowsSink {
  std::uint64_t* count;
  VU32 mask;

  HWY_INLINE void Begin(std::size_t) {}
  template <int kVectors>
  HWY_INLINE void Row(const PartialSums<kVectors>& sums, std::uint32_t i) {
    VU32 falls[kVectors];
    sums.template Falls<true>(mask, falls);
    count[i] += Total(CountBits<kVectors>(falls));
  }
  template <int kVectors>
  HWY_INLINE void Bottom(const PartialSums<kVectors>&, std::size_t) {}
};

void AddRows(const StreamBlock& block, const WeightColumns& weights, std::uint64_t* falls) {
  RowsSink sink{falls, hn::Set(DU32(), block.mask())};
  RunColumns(block, weights, sink);
}

// Two numbers below 2^16 a lane: `first` in its low half, `second` in its high half.
HWY_INLINE hn::Vec<DU16> PackPairs(VU32 first, VU32 second) {
  return hn::BitCast(DU16(), hn::Or(first, hn::ShiftLeft<16>(second)));
}

// Index of the highest set bit plus one; 0 for 0.
HWY_INLINE VU32 BitLength(VU32 x) {
#if TOGGLEWISE_WITH_VNNI
  return hn::Sub(hn::Set(DU32(), 32U), VU32{_mm512_lzcnt_epi32(x.raw)});
#else
  x = hn::Or(x, hn::ShiftRight<1>(x));
  x = hn::Or(x, hn::ShiftRight<2>(x));
  x = hn::Or(x, hn::ShiftRight<4>(x));
  x = hn::Or(x, hn::ShiftRight<8>(x));
  x = hn::Or(x, hn::ShiftRight<16>(x));
  return hn::PopulationCount(x);
#endif
}

// Numbers transitions: those of the even times of a vector in the low halves of its lanes, those of
// the odd times in the high halves.
template <ToggleGroup kKind>
struct Numbering {
  VU32 mask;
  hn::Vec<DU16> unused_bits;

  explicit HWY_INLINE Numbering(const StreamBlock& block)
      : mask(hn::Set(DU32(), block.mask())),
        unused_bits(hn::Set(DU16(), static_cast<std::uint16_t>(block.unused_bits()))) {}

  template <int kVectors>
  HWY_INLINE hn::Vec<DU16> Numbers(const PartialSums<kVectors>& sums, int j) const {
    const DU32 d32;
    const DU16 d16;
    const VU32 first = hn::And(hn::BitCast(d32, hn::Xor(sums.even[j], sums.odd[j])), mask);
    const VU32 second = hn::And(hn::BitCast(d32, hn::Xor(sums.odd[j], sums.next[j])), mask);
    const auto distance = PackPairs(hn::PopulationCount(first), hn::PopulationCount(second));
    if (kKind == ToggleGroup::distance) return distance;
    // With n = m + 1: n(n−1)/2 + h, which is 0 for n = 0. Unused bits are never set.
    const auto n = hn::SaturatedSub(PackPairs(BitLength(first), BitLength(second)), unused_bits);
    const auto n_less_one = hn::Sub(n, hn::Set(d16, std::uint16_t{1}));
    return hn::Add(distance, hn::ShiftRight<1>(hn::Mul(n, n_less_one)));
  }
};

template <ToggleGroup kKind>
struct GroupSink {
  std::uint16_t* group;  // behind the column's first row of groups
  std::uint32_t first_row;
  Numbering<kKind> numbering;
  std::size_t transition = 0;

  HWY_INLINE void Begin(std::size_t first) { transition = first; }
  template <int kVectors>
  HWY_INLINE void Row(const PartialSums<kVectors>& sums, std::uint32_t i) {
    const DU16 d16;
    std::uint16_t* to = group + (i - first_row) * kBlockTransitions + transition;
    for (int j = 0; j < kVectors; ++j) {
      hn::StoreU(numbering.Numbers(sums, j), d16,
                 to + static_cast<std::size_t>(j) * hn::Lanes(d16));
    }
  }
  template <int kVectors>
  HWY_INLINE void Bottom(const PartialSums<kVectors>&, std::size_t) {}
};

// Counts the pairs of the row above between the vector instructions that number a row's: counting
// loads and stores, numbering computes, and the two go on side by side.
template <ToggleGroup kKind>
struct PairSink {
  std::uint32_t* pairs;
  // [kBlockTransitions / 2]: not the compiler's to see through, which would take the lanes out of
  // the registers one by one, at twice the instructions.
  std::uint32_t* pair;
  const LiveRow* rows;
  Numbering<kKind> numbering;
  std::uint32_t repeats = 0;  // of the row above; none yet

  HWY_INLINE void Begin(std::size_t) {}
  template <int kVectors>
  HWY_INLINE void Row(const PartialSums<kVectors>& sums, std::uint32_t i) {
    const DU32 d32;
    for (int j = 0; j < kVectors; ++j) {
      const VU32 numbers = hn::BitCast(d32, numbering.Numbers(sums, j));
      CountRowAbove(j);
      hn::StoreU(hn::Or(numbers, hn::ShiftRight<16 - kPairGroupBits>(numbers)), d32,
                 pair + static_cast<std::size_t>(j) * hn::Lanes(d32));
    }
    repeats = static_cast<std::uint32_t>(rows[i].repeats);
  }
  template <int kVectors>
  HWY_INLINE void Bottom(const PartialSums<kVectors>&, std::size_t) {
    for (int j = 0; j < kVectors; ++j) CountRowAbove(j);
    repeats = 0;
  }

  HWY_INLINE void CountRowAbove(int j) {
    const std::size_t lanes = hn::Lanes(DU32());
    const std::uint32_t* from = pair + static_cast<std::size_t>(j) * lanes;
    HWY_UNROLL(16)
    for (std::size_t k = 0; k < lanes; ++k) pairs[from[k] & 0xFFFFU] += repeats;
  }
};

template <ToggleGroup kKind>
HWY_INLINE void Pairs(const StreamBlock& block, const WeightColumns& weights, std::uint32_t* pairs,
                      std::uint32_t* pair) {
  PairSink<kKind> sink{pairs, pair, weights.rows.data(), Numbering<kKind>(block)};
  RunColumns(block, weights, sink);
}

void CountPairs(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                std::uint32_t* pairs, std::uint32_t* pair) {
  if (kind == ToggleGroup::distance) {
    Pairs<ToggleGroup::distance>(block, weights, pairs, pair);
  } else {
    Pairs<ToggleGroup::msb_distance>(block, weights, pairs, pair);
  }
}

template <ToggleGroup kKind>
HWY_INLINE void Groups(const StreamBlock& block, const WeightColumns& weights, int column,
                       std::uint16_t* group) {
  GroupSink<kKind> sink{group, weights.begin[static_cast<std::size_t>(column)],
                        Numbering<kKind>(block)};
  RunColumn(block, weights, static_cast<std::size_t>(column), sink);
}

void GroupColumn(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                 int column, std::uint16_t* group) {
  if (kind == ToggleGroup::distance) {
    Groups<ToggleGroup::distance>(block, weights, column, group);
  } else {
    Groups<ToggleGroup::msb_distance>(block, weights, column, group);
  }
}

#endif
}  // namespace togglewise::array::HWY_NAMESPACE
#if TOGGLEWISE_WITH_VNNI
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace togglewise::array {

HWY_EXPORT(TargetName);
HWY_EXPORT(Widen);
HWY_EXPORT(ByteToggles);
HWY_EXPORT(AddTotals);
HWY_EXPORT(AddRows);
HWY_EXPORT(GroupColumn);
HWY_EXPORT(CountPairs);

const char* vector_instructions() { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

void widen(const std::int8_t* from, std::size_t count, int shift, std::int16_t* to) {
  HWY_DYNAMIC_DISPATCH(Widen)(from, count, shift, to);
}

std::uint64_t byte_toggles(const std::int8_t* values, std::size_t count, std::uint32_t mask) {
  return HWY_DYNAMIC_DISPATCH(ByteToggles)(values, count, mask);
}

void add_falling_edges(const StreamBlock& block, const WeightColumns& weights, int array_columns,
                       FallingEdges& sum) {
  HWY_DYNAMIC_DISPATCH(AddTotals)(block, weights, array_columns, sum);
}

void add_falling_edges_of_rows(const StreamBlock& block, const WeightColumns& weights,
                               std::uint64_t* falls) {
  HWY_DYNAMIC_DISPATCH(AddRows)(block, weights, falls);
}

void group_column(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                  int column, std::uint16_t* group) {
  const std::size_t rows = weights.begin[static_cast<std::size_t>(column) + 1] -
                           weights.begin[static_cast<std::size_t>(column)];
  std::memset(group, 0, kBlockTransitions * sizeof(std::uint16_t));
  if (rows == 0) return;
  HWY_DYNAMIC_DISPATCH(GroupColumn)(kind, block, weights, column, group + kBlockTransitions);
}

void count_group_pairs(ToggleGroup kind, const StreamBlock& block, const WeightColumns& weights,
                       std::uint32_t* pairs) {
  alignas(64) std::uint32_t pair[kBlockTransitions / 2] = {};
  HWY_DYNAMIC_DISPATCH(CountPairs)(kind, block, weights, pairs, pair);
}

}  // namespace togglewise::array
#endif
