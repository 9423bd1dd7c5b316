#include "sim/gate/bit_planes.h"

#include <cstring>

namespace togglewise::gate {
namespace {

// Transposes an 8×8 bit matrix held row by row, byte 0 first (Hacker's Delight, section 7-3).
std::uint64_t transpose8x8(std::uint64_t x) {
  std::uint64_t t = (x ^ (x >> 7)) & 0x00AA00AA00AA00AAULL;
  x ^= t ^ (t << 7);
  t = (x ^ (x >> 14)) & 0x0000CCCC0000CCCCULL;
  x ^= t ^ (t << 14);
  t = (x ^ (x >> 28)) & 0x00000000F0F0F0F0ULL;
  return x ^ t ^ (t << 28);
}

}  // namespace

BitPlanes::BitPlanes(int bits, std::size_t cycles) { reshape(bits, cycles); }

void BitPlanes::reshape(int bits, std::size_t cycles) {
  bits_ = bits;
  cycles_ = cycles;
  blocks_ = (cycles + kBlockCycles - 1) / kBlockCycles;
  lines_.resize(static_cast<std::size_t>(bits) * blocks_);
}

BitPlanes BitPlanes::from_int8(const std::int8_t* values, std::size_t cycles, int bits) {
  BitPlanes result(bits, cycles);
  for (std::size_t first = 0; first < cycles; first += 8) {
    std::uint64_t rows = 0;
    std::memcpy(&rows, values + first, cycles - first < 8 ? cycles - first : 8);
    const std::uint64_t columns = transpose8x8(rows);
    for (int bit = 0; bit < bits; ++bit) {
      result.plane(bit)[first / 64] |= ((columns >> (8 * bit)) & 0xFFU) << (first % 64);
    }
  }
  result.repeat_last_cycle();
  return result;
}

BitPlanes BitPlanes::from_int32(const std::int32_t* values, std::size_t cycles, int bits) {
  BitPlanes result(bits, cycles);
  for (std::size_t first = 0; first < cycles; first += 8) {
    const std::size_t count = cycles - first < 8 ? cycles - first : 8;
    for (int low_bit = 0; low_bit < bits; low_bit += 8) {
      std::uint64_t rows = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const auto value = static_cast<std::uint32_t>(values[first + i]);
        rows |= static_cast<std::uint64_t>((value >> low_bit) & 0xFFU) << (8 * i);
      }
      const std::uint64_t columns = transpose8x8(rows);
      for (int bit = low_bit; bit < bits && bit < low_bit + 8; ++bit) {
        result.plane(bit)[first / 64] |= ((columns >> (8 * (bit - low_bit))) & 0xFFU)
                                         << (first % 64);
      }
    }
  }
  result.repeat_last_cycle();
  return result;
}

std::vector<std::int32_t> BitPlanes::to_int32() const {
  std::vector<std::int32_t> values(cycles_, 0);
  if (bits_ == 0) return values;
  const std::uint32_t sign_extension = bits_ >= 32 ? 0U : ~0U << bits_;
  for (std::size_t first = 0; first < cycles_; first += 8) {
    const std::size_t count = cycles_ - first < 8 ? cycles_ - first : 8;
    std::uint32_t row[8] = {};
    for (int low_bit = 0; low_bit < bits_; low_bit += 8) {
      std::uint64_t columns = 0;
      for (int bit = low_bit; bit < bits_ && bit < low_bit + 8; ++bit) {
        columns |= ((plane(bit)[first / 64] >> (first % 64)) & 0xFFU) << (8 * (bit - low_bit));
      }
      const std::uint64_t rows = transpose8x8(columns);
      for (std::size_t i = 0; i < count; ++i) {
        row[i] |= static_cast<std::uint32_t>((rows >> (8 * i)) & 0xFFU) << low_bit;
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (((row[i] >> (bits_ - 1)) & 1U) != 0) row[i] |= sign_extension;
      values[first + i] = static_cast<std::int32_t>(row[i]);
    }
  }
  return values;
}

void BitPlanes::repeat_last_cycle() {
  if (cycles_ == 0) return;
  const std::size_t last = cycles_ - 1;
  for (int bit = 0; bit < bits_; ++bit) {
    std::uint64_t* words = plane(bit);
    const std::uint64_t fill = ((words[last / 64] >> (last % 64)) & 1U) != 0 ? ~0ULL : 0ULL;
    const std::uint64_t kept = last % 64 == 63 ? ~0ULL : (2ULL << (last % 64)) - 1;
    words[last / 64] = (words[last / 64] & kept) | (fill & ~kept);
    for (std::size_t w = last / 64 + 1; w < blocks_ * kBlockWords; ++w) words[w] = fill;
  }
}

}  // namespace togglewise::gate
