#include "sim/array/falling_bits.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/array/falling_bits.cpp"
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
#if HWY_TARGET == HWY_SCALAR

void AddBits(const StreamBlock& block, const WeightColumns& weights, FallingBits::State& state) {
  scalar::add_bits(block, weights, state);
}

void BitTotals(const FallingBits::State& state, std::uint64_t* totals) {
  for (std::size_t b = 0; b < 32; ++b) totals[b] += state.counted[b];
}

#else

// Sums pending carries, kPending at a time, into the digits of `state`; moves the rest to the
// front.
HWY_NOINLINE std::size_t SumPending(FallingBits::State& state, std::size_t count) {
  const DU32 d;
  std::size_t first = 0;
  for (; first + FallingBits::kPending <= count; first += FallingBits::kPending) {
    VU32 carry[FallingBits::kPending];
    for (std::size_t i = 0; i < FallingBits::kPending; ++i) {
      carry[i] = hn::LoadU(d, state.pending.get() + (first + i) * FallingBits::kLanes);
    }
    for (std::size_t level = 0; level < FallingBits::kTreeDigits; ++level) {
      VU32 digit = hn::LoadU(d, state.tree[level]);
      for (std::size_t i = 0; i < FallingBits::kPending >> (level + 1); ++i) {
        carry[i] = FullAdder(digit, carry[2 * i], carry[2 * i + 1]);
      }
      hn::StoreU(digit, d, state.tree[level]);
    }
    for (std::size_t level = 0; level < FallingBits::kDigits; ++level) {
      const VU32 digit = hn::LoadU(d, state.digits[level]);
      hn::StoreU(hn::Xor(digit, carry[0]), d, state.digits[level]);
      carry[0] = hn::And(digit, carry[0]);
      if (hn::AllTrue(d, hn::Eq(carry[0], hn::Zero(d)))) break;
    }
  }
  for (std::size_t i = first; i < count; ++i) {
    std::uint32_t* pending = state.pending.get();
    hn::StoreU(hn::LoadU(d, pending + i * FallingBits::kLanes), d,
               pending + (i - first) * FallingBits::kLanes);
  }
  return count - first;
}

// Sums up kMostVectors masks of a row to one vector of carries, worth kMostVectors each, which wait
// until the column is done: a call in the loop over rows would empty all vector registers.
template <bool kMasked>
struct BitsSink {
  FallingBits::State& state;
  const LiveRow* rows;
  VU32 mask;
  VU32 ones;
  VU32 twos;
  std::uint32_t* pending;
  std::size_t pending_count;

  HWY_INLINE void Begin(std::size_t) {}
  template <int kVectors>
  HWY_INLINE void Row(const PartialSums<kVectors>& sums, std::uint32_t i) {
    VU32 falls[kMostVectors];
    sums.template Falls<kMasked>(mask, falls);
    for (int j = kVectors; j < kMostVectors; ++j) falls[j] = hn::Zero(DU32());
    // Rows of weight zero repeat the toggles.
    std::int32_t repeats = rows[i].repeats;
    do {
      VU32 carry = FullAdder(ones, falls[0], falls[1]);
#if HWY_TARGET <= HWY_AVX3
      carry = FullAdder(twos, carry, FullAdder(ones, falls[2], falls[3]));
#endif
      hn::StoreU(carry, DU32(), pending + FallingBits::kLanes * pending_count++);
    } while (--repeats > 0);
  }
  template <int kVectors>
  HWY_INLINE void Bottom(const PartialSums<kVectors>&, std::size_t) {
    pending_count = SumPending(state, pending_count);
  }
};

template <bool kMasked>
HWY_INLINE void Bits(const StreamBlock& block, const WeightColumns& weights,
                     FallingBits::State& state) {
  const DU32 d;
  BitsSink<kMasked> sink{state,
                         weights.rows.data(),
                         hn::Set(d, block.mask()),
                         hn::LoadU(d, state.ones),
                         hn::LoadU(d, state.twos),
                         state.pending.get(),
                         state.pending_count};
  RunColumns(block, weights, sink);
  state.pending_count = sink.pending_count;
  hn::StoreU(sink.ones, d, state.ones);
  hn::StoreU(sink.twos, d, state.twos);
}

void AddBits(const StreamBlock& block, const WeightColumns& weights, FallingBits::State& state) {
  if (block.masked()) {
    Bits<true>(block, weights, state);
  } else {
    Bits<false>(block, weights, state);
  }
}

void AddDigit(const std::uint32_t* digit, std::uint64_t worth, std::uint64_t* totals) {
  const DU32 d;
  const VU32 bits = hn::LoadU(d, digit);
  if (hn::AllTrue(d, hn::Eq(bits, hn::Zero(d)))) return;
  for (unsigned b = 0; b < 32; ++b) {
    const auto set = hn::TestBit(bits, hn::Set(d, 1U << b));
    totals[b] += worth * hn::CountTrue(d, set);
  }
}

void BitTotals(const FallingBits::State& state, std::uint64_t* totals) {
  AddDigit(state.ones, 1, totals);
  AddDigit(state.twos, 2, totals);
  std::uint64_t worth = kMostVectors;
  for (std::size_t i = 0; i < state.pending_count; ++i) {
    AddDigit(state.pending.get() + i * FallingBits::kLanes, worth, totals);
  }
  for (const auto& digit : state.tree) {
    AddDigit(digit, worth, totals);
    worth *= 2;
  }
  for (const auto& digit : state.digits) {
    AddDigit(digit, worth, totals);
    worth *= 2;
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

HWY_EXPORT(AddBits);
HWY_EXPORT(BitTotals);

FallingBits::FallingBits(int rows) {
  state_.pending =
      hwy::AllocateAligned<std::uint32_t>((kPending + static_cast<std::size_t>(rows)) * kLanes);
}

void FallingBits::add(const StreamBlock& block, const WeightColumns& weights) {
  HWY_DYNAMIC_DISPATCH(AddBits)(block, weights, state_);
}

std::array<std::uint64_t, 32> FallingBits::totals() const {
  std::array<std::uint64_t, 32> totals{};
  HWY_DYNAMIC_DISPATCH(BitTotals)(state_, totals.data());
  return totals;
}

}  // namespace togglewise::array
#endif
