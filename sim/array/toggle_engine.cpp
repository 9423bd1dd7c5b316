#include "sim/array/toggle_engine.h"

#include <algorithm>
#include <cstring>

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/array/toggle_engine.cpp"
#define HWY_WANT_AVX3_DL
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace togglewise::array::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// partial_sum[t] += weight·activation[t] for t in [0, padded), then Σ popcount((p[t] ^ p[t−1]) &
// mask). Both buffers are padded with zeros to whole vectors; partial_sum[−1] exists and is zero.
std::uint64_t AccumulateRow(const std::int8_t* activation, std::int32_t weight,
                            std::int32_t* partial_sum, std::size_t padded, std::uint32_t mask) {
  const hn::ScalableTag<std::int32_t> d32;
  const hn::ScalableTag<std::uint32_t> du32;
  const hn::Rebind<std::int8_t, decltype(d32)> d8;
  const auto w = hn::Set(d32, weight);
  const auto bits = hn::Set(du32, mask);
  const std::size_t lanes = hn::Lanes(d32);
  if (weight != 0) {
    for (std::size_t t = 0; t < padded; t += lanes) {
      const auto a = hn::PromoteTo(d32, hn::LoadU(d8, activation + t));
      hn::StoreU(hn::Add(hn::LoadU(d32, partial_sum + t), hn::Mul(a, w)), d32, partial_sum + t);
    }
  }
  // At most 32 per lane and step: a 32-bit lane holds 2^27 steps, far more than a stream has.
  auto sum = hn::Zero(du32);
  for (std::size_t t = 0; t < padded; t += lanes) {
    const auto now = hn::BitCast(du32, hn::LoadU(d32, partial_sum + t));
    const auto before = hn::BitCast(du32, hn::LoadU(d32, partial_sum + t - 1));
    sum = hn::Add(sum, hn::PopulationCount(hn::And(hn::Xor(now, before), bits)));
  }
  HWY_ALIGN std::uint32_t lane[HWY_MAX_BYTES / sizeof(std::uint32_t)];
  hn::StoreU(sum, du32, lane);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < lanes; ++i) total += lane[i];
  return total;
}

}  // namespace togglewise::array::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace togglewise::array {

HWY_EXPORT(AccumulateRow);

namespace {

constexpr std::size_t kPadding = 64;  // lanes of the widest vector, and more

std::uint32_t low_bits(int count) { return count >= 32 ? ~0U : (1U << count) - 1U; }

std::uint64_t activation_toggles(const std::int8_t* activation, std::size_t cycles, int bits) {
  const std::uint32_t mask = low_bits(bits);
  std::uint64_t total = 0;
  for (std::size_t t = 1; t < cycles; ++t) {
    const auto changed =
        static_cast<std::uint32_t>(activation[t]) ^ static_cast<std::uint32_t>(activation[t - 1]);
    total += static_cast<std::uint64_t>(__builtin_popcount(changed & mask));
  }
  return total;
}

}  // namespace

ToggleCounts count_toggles(const ArrayShape& shape, const TileStreams& streams) {
  ToggleCounts counts;
  const std::size_t padded = (streams.cycles + kPadding - 1) / kPadding * kPadding;
  std::vector<std::int8_t> rows(static_cast<std::size_t>(streams.used_rows) * padded, 0);
  for (int r = 0; r < streams.used_rows; ++r) {
    std::memcpy(rows.data() + static_cast<std::size_t>(r) * padded, streams.row(r), streams.cycles);
    const std::uint64_t toggled =
        activation_toggles(streams.row(r), streams.cycles, shape.activation_bits);
    counts.activation.active += toggled * static_cast<std::uint64_t>(streams.used_columns);
    counts.activation.idle_columns +=
        toggled * static_cast<std::uint64_t>(shape.columns - streams.used_columns);
    counts.skew += toggled * static_cast<std::uint64_t>(r);
  }
  const std::uint32_t mask = low_bits(shape.partial_sum_bits);
  std::vector<std::int32_t> partial_sum(padded + 1);
  for (int c = 0; c < streams.used_columns; ++c) {
    std::fill(partial_sum.begin(), partial_sum.end(), 0);
    std::uint64_t bottom = 0;
    for (int r = 0; r < streams.used_rows; ++r) {
      bottom = HWY_DYNAMIC_DISPATCH(AccumulateRow)(
          rows.data() + static_cast<std::size_t>(r) * padded, streams.weight(r, c),
          partial_sum.data() + 1, padded, mask);
      counts.partial_sum.active += bottom;
    }
    counts.partial_sum.idle_rows +=
        bottom * static_cast<std::uint64_t>(shape.rows - streams.used_rows);
    counts.deskew += bottom * static_cast<std::uint64_t>(shape.columns - 1 - c);
  }
  return counts;
}

}  // namespace togglewise::array
#endif
