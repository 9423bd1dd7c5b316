// The vector kernels against a loop over bits, on ragged shapes.
#include "sim/systemc/register_toggles.h"

#include <vector>

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace togglewise::systemc {
namespace {

std::int32_t sign_extended(std::uint32_t word, int bits) {
  const std::int64_t value = word & (0xffffffffu >> (32 - bits));
  return static_cast<std::int32_t>(
      value >= std::int64_t{1} << (bits - 1) ? value - (std::int64_t{1} << bits) : value);
}

int differing_bits(std::uint32_t a, std::uint32_t b, int bits) {
  int count = 0;
  for (int i = 0; i < bits; ++i) count += ((a ^ b) >> i & 1u) != 0 ? 1 : 0;
  return count;
}

constexpr int stride = 70;

TEST(RegisterToggles, OfWordsEqualTheScalarCount_OnRaggedShapes) {
  Random random(1);
  for (int columns = 1; columns <= 66; ++columns) {
    for (const WordWidths widths : {WordWidths{22, 22}, {22, 20}, {20, 32}, {32, 32}, {22, 1}}) {
      const BlockSize size{std::min(columns, 5), columns, columns % 2 == 0 ? 0 : -1};
      std::vector<std::uint32_t> now(5 * stride);
      std::vector<std::int32_t> before(5 * stride);
      for (std::uint32_t& word : now)
        word = static_cast<std::uint32_t>(random.bits()) >> (32 - widths.built_bits);
      for (std::int32_t& word : before) {
        word = sign_extended(static_cast<std::uint32_t>(random.bits()), widths.built_bits);
      }
      std::vector<std::int32_t> after = before;
      std::uint64_t toggles = 0;
      std::uint64_t differences = 0;
      for (int r = 0; r < size.rows; ++r) {
        for (int c = 0; c < columns + r * size.columns_step; ++c) {
          const int i = r * stride + c;
          if (random.below(2) == 0) {  // half of the words are equal
            after[i] = before[i] = sign_extended(now[i], widths.built_bits);
          }
          const std::int32_t value = sign_extended(now[i], widths.built_bits);
          const int bits =
              differing_bits(static_cast<std::uint32_t>(value),
                             static_cast<std::uint32_t>(before[i]), widths.counted_bits);
          toggles += static_cast<std::uint64_t>(bits);
          differences += bits > 0 ? 1 : 0;
          after[i] = value;
        }
      }
      EXPECT_EQ(count_word_differences(now.data(), stride, before.data(), stride, size, widths),
                differences);
      EXPECT_EQ(count_word_toggles(now.data(), stride, before.data(), stride, size, widths),
                toggles);
      EXPECT_EQ(before, after) << "columns " << columns;
    }
  }
}

TEST(RegisterToggles, OfBytesEqualTheScalarCount_OnRaggedShapes) {
  Random random(2);
  for (int columns = 1; columns <= 66; ++columns) {
    const BlockSize size{std::min(columns, 5), columns, columns % 2 == 0 ? 0 : -1};
    std::vector<std::uint8_t> now(5 * stride);
    std::vector<std::uint8_t> before(5 * stride);
    for (std::uint8_t& byte : now) byte = static_cast<std::uint8_t>(random.bits());
    for (std::uint8_t& byte : before) byte = static_cast<std::uint8_t>(random.bits());
    std::vector<std::uint8_t> after = before;
    const int bits = 1 + columns % 8;
    const auto mask = static_cast<std::uint8_t>(0xff >> (8 - bits));
    std::uint64_t toggles = 0;
    std::uint64_t differences = 0;
    for (int r = 0; r < size.rows; ++r) {
      for (int c = 0; c < columns + r * size.columns_step; ++c) {
        const int i = r * stride + c;
        const int differing = differing_bits(now[i], before[i], bits);
        toggles += static_cast<std::uint64_t>(differing);
        differences += differing > 0 ? 1 : 0;
        after[i] = now[i];
      }
    }
    EXPECT_EQ(count_byte_differences(now.data(), stride, before.data(), stride, size, mask),
              differences);
    EXPECT_EQ(count_byte_toggles(now.data(), stride, before.data(), stride, size, mask), toggles);
    EXPECT_EQ(before, after) << "columns " << columns;
  }
}

}  // namespace
}  // namespace togglewise::systemc
