#include "sim/systemc/register_toggles.h"

#include <cstddef>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/systemc/register_toggles.cpp"
#ifndef HWY_WANT_AVX3_DL
#define HWY_WANT_AVX3_DL  // the AVX-512 population count
#endif
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace togglewise::systemc::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

std::uint64_t ByteToggles(const std::uint8_t* now, int now_stride, std::uint8_t* before,
                          int before_stride, const BlockSize& size, std::uint8_t mask) {
  const hn::ScalableTag<std::uint8_t> d;
  const hn::Repartition<std::uint64_t, decltype(d)> d64;
  const auto counted = hn::Set(d, mask);
  const std::uint64_t counted_bits = mask * 0x0101010101010101u;
  const int lanes = static_cast<int>(hn::Lanes(d));
  auto sums = hn::Zero(d64);
  std::uint64_t rest = 0;
  for (int r = 0; r < size.rows; ++r) {
    const std::uint8_t* from = now + static_cast<std::ptrdiff_t>(r) * now_stride;
    std::uint8_t* to = before + static_cast<std::ptrdiff_t>(r) * before_stride;
    const int columns = size.columns + r * size.columns_step;
    int c = 0;
    for (; c + lanes <= columns; c += lanes) {
      const auto value = hn::LoadU(d, from + c);
      const auto changed = hn::And(hn::Xor(value, hn::LoadU(d, to + c)), counted);
      hn::StoreU(value, d, to + c);
      sums = hn::Add(sums, hn::SumsOf8(hn::PopulationCount(changed)));
    }
    while (c < columns) {
      const std::size_t bytes = columns - c < 8 ? static_cast<std::size_t>(columns - c) : 8;
      std::uint64_t new_bits = 0;
      std::uint64_t old_bits = 0;
      std::memcpy(&new_bits, from + c, bytes);
      std::memcpy(&old_bits, to + c, bytes);
      std::memcpy(to + c, from + c, bytes);
      rest +=
          static_cast<std::uint64_t>(__builtin_popcountll((new_bits ^ old_bits) & counted_bits));
      c += static_cast<int>(bytes);
    }
  }
  return rest + hn::GetLane(hn::SumOfLanes(d64, sums));
}

std::uint64_t ByteDifferences(const std::uint8_t* now, int now_stride, const std::uint8_t* model,
                              int model_stride, const BlockSize& size, std::uint8_t mask) {
  const hn::ScalableTag<std::uint8_t> d;
  const auto compared = hn::Set(d, mask);
  const int lanes = static_cast<int>(hn::Lanes(d));
  std::uint64_t differing = 0;
  for (int r = 0; r < size.rows; ++r) {
    const std::uint8_t* from = now + static_cast<std::ptrdiff_t>(r) * now_stride;
    const std::uint8_t* expected = model + static_cast<std::ptrdiff_t>(r) * model_stride;
    const int columns = size.columns + r * size.columns_step;
    int c = 0;
    for (; c + lanes <= columns; c += lanes) {
      const auto difference =
          hn::And(hn::Xor(hn::LoadU(d, from + c), hn::LoadU(d, expected + c)), compared);
      differing += hn::CountTrue(d, hn::Ne(difference, hn::Zero(d)));
    }
    for (; c < columns; ++c) differing += ((from[c] ^ expected[c]) & mask) != 0 ? 1 : 0;
  }
  return differing;
}

template <class Tag>
hn::Vec<Tag> SignExtended(Tag, hn::Vec<Tag> value, int unused_bits) {
  return hn::ShiftRightSame(hn::ShiftLeftSame(value, unused_bits), unused_bits);
}

// Adds the toggles of as many words as fill whole vectors of `d` to `sums`; returns their number.
template <class Tag>
int WordTogglesOf(Tag d, const std::uint32_t* from, std::int32_t* to, int c, int columns,
                  const WordWidths& widths, hn::Vec<Tag>& sums) {
  const auto mask =
      hn::Set(d, static_cast<std::int32_t>(0xffffffffu >> (32 - widths.counted_bits)));
  const hn::RebindToUnsigned<Tag> du;
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (; c + lanes <= columns; c += lanes) {
    const auto value =
        SignExtended(d, hn::BitCast(d, hn::LoadU(du, from + c)), 32 - widths.built_bits);
    const auto changed = hn::And(hn::Xor(value, hn::LoadU(d, to + c)), mask);
    hn::StoreU(value, d, to + c);
    sums = hn::Add(sums, hn::BitCast(d, hn::PopulationCount(hn::BitCast(du, changed))));
  }
  return c;
}

std::uint64_t WordToggles(const std::uint32_t* now, int now_stride, std::int32_t* before,
                          int before_stride, const BlockSize& size, const WordWidths& widths) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::CappedTag<std::int32_t, 4> d4;
  const hn::CappedTag<std::int32_t, 1> d1;
  auto sums = hn::Zero(d);  // below 2^31: a block has at most 256·256 words of 32 bits
  auto sums4 = hn::Zero(d4);
  auto sums1 = hn::Zero(d1);
  for (int r = 0; r < size.rows; ++r) {
    const std::uint32_t* from = now + static_cast<std::ptrdiff_t>(r) * now_stride;
    std::int32_t* to = before + static_cast<std::ptrdiff_t>(r) * before_stride;
    const int columns = size.columns + r * size.columns_step;
    int c = WordTogglesOf(d, from, to, 0, columns, widths, sums);
    c = WordTogglesOf(d4, from, to, c, columns, widths, sums4);
    WordTogglesOf(d1, from, to, c, columns, widths, sums1);
  }
  const std::int64_t total = std::int64_t{hn::GetLane(hn::SumOfLanes(d, sums))} +
                             hn::GetLane(hn::SumOfLanes(d4, sums4)) + hn::GetLane(sums1);
  return static_cast<std::uint64_t>(total);
}

template <class Tag>
int WordDifferencesOf(Tag d, const std::uint32_t* from, const std::int32_t* model, int c,
                      int columns, const WordWidths& widths, std::uint64_t& differing) {
  const auto mask =
      hn::Set(d, static_cast<std::int32_t>(0xffffffffu >> (32 - widths.counted_bits)));
  const hn::RebindToUnsigned<Tag> du;
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (; c + lanes <= columns; c += lanes) {
    const auto value =
        SignExtended(d, hn::BitCast(d, hn::LoadU(du, from + c)), 32 - widths.built_bits);
    const auto difference = hn::And(hn::Xor(value, hn::LoadU(d, model + c)), mask);
    differing += hn::CountTrue(d, hn::Ne(difference, hn::Zero(d)));
  }
  return c;
}

std::uint64_t WordDifferences(const std::uint32_t* now, int now_stride, const std::int32_t* model,
                              int model_stride, const BlockSize& size, const WordWidths& widths) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::CappedTag<std::int32_t, 1> d1;
  std::uint64_t differing = 0;
  for (int r = 0; r < size.rows; ++r) {
    const std::uint32_t* from = now + static_cast<std::ptrdiff_t>(r) * now_stride;
    const std::int32_t* expected = model + static_cast<std::ptrdiff_t>(r) * model_stride;
    const int columns = size.columns + r * size.columns_step;
    const int c = WordDifferencesOf(d, from, expected, 0, columns, widths, differing);
    WordDifferencesOf(d1, from, expected, c, columns, widths, differing);
  }
  return differing;
}

}  // namespace togglewise::systemc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace togglewise::systemc {

HWY_EXPORT(ByteToggles);
HWY_EXPORT(ByteDifferences);
HWY_EXPORT(WordToggles);
HWY_EXPORT(WordDifferences);

std::uint64_t count_byte_toggles(const std::uint8_t* now, int now_stride, std::uint8_t* before,
                                 int before_stride, const BlockSize& size, std::uint8_t mask) {
  return HWY_DYNAMIC_DISPATCH(ByteToggles)(now, now_stride, before, before_stride, size, mask);
}

std::uint64_t count_byte_differences(const std::uint8_t* now, int now_stride,
                                     const std::uint8_t* model, int model_stride,
                                     const BlockSize& size, std::uint8_t mask) {
  return HWY_DYNAMIC_DISPATCH(ByteDifferences)(now, now_stride, model, model_stride, size, mask);
}

std::uint64_t count_word_toggles(const std::uint32_t* now, int now_stride, std::int32_t* before,
                                 int before_stride, const BlockSize& size,
                                 const WordWidths& widths) {
  return HWY_DYNAMIC_DISPATCH(WordToggles)(now, now_stride, before, before_stride, size, widths);
}

std::uint64_t count_word_differences(const std::uint32_t* now, int now_stride,
                                     const std::int32_t* model, int model_stride,
                                     const BlockSize& size, const WordWidths& widths) {
  return HWY_DYNAMIC_DISPATCH(WordDifferences)(now, now_stride, model, model_stride, size, widths);
}

}  // namespace togglewise::systemc
#endif
