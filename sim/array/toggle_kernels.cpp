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

template <ToggleGroup kKind>
struct GroupSink {
  std::uint16_t* group;  // behind the column's first row of groups
  std::uint32_t first_row;
  VU32 mask;
  hn::Vec<DU16> unused_bits;
  std::size_t transition = 0;

  HWY_INLINE void Begin(std::size_t first) { transition = first; }
  template <int kVectors>
  HWY_INLINE void Row(const PartialSums<kVectors>& sums, std::uint32_t i) {
    const DU32 d32;
    const DU16 d16;
    std::uint16_t* to = group + (i - first_row) * kBlockTransitions + transition;
    for (int j = 0; j < kVectors; ++j) {
      const VU32 first = hn::And(hn::BitCast(d32, hn::Xor(sums.even[j], sums.odd[j])), mask);
      const VU32 second = hn::And(hn::BitCast(d32, hn::Xor(sums.odd[j], sums.next[j])), mask);
      auto number = PackPairs(hn::PopulationCount(first), hn::PopulationCount(second));
      if (kKind == ToggleGroup::msb_distance) {
        // With n = m + 1: n(n−1)/2 + h, which is 0 for n = 0. Unused bits are never set.
        const auto n =
            hn::SaturatedSub(PackPairs(BitLength(first), BitLength(second)), unused_bits);
        const auto n_less_one = hn::Sub(n, hn::Set(d16, std::uint16_t{1}));
        number = hn::Add(number, hn::ShiftRight<1>(hn::Mul(n, n_less_one)));
      }
      hn::StoreU(number, d16, to + static_cast<std::size_t>(j) * hn::Lanes(d16));
    }
  }
  template <int kVectors>
  HWY_INLINE void Bottom(const PartialSums<kVectors>&, std::size_t) {}
};

template <ToggleGroup kKind>
HWY_INLINE void Groups(const StreamBlock& block, const WeightColumns& weights, int column,
                       std::uint16_t* group) {
  GroupSink<kKind> sink{group, weights.begin[static_cast<std::size_t>(column)],
                        hn::Set(DU32(), block.mask()),
                        hn::Set(DU16(), static_cast<std::uint16_t>(block.unused_bits()))};
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

}  // namespace togglewise::array
#endif
