// Values over time, stored bit by bit: what the bit-parallel engine computes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace togglewise::gate {

// Plane b holds bit b of the value in every cycle: bit t%64 of word t/64 is cycle t. Planes are
// padded to whole blocks of 512 cycles; the padding repeats the last cycle's value, so that it adds
// no toggles, and every function computed plane by plane keeps it so.
class BitPlanes {
 public:
  static constexpr std::size_t kBlockCycles = 512;
  static constexpr std::size_t kBlockWords = kBlockCycles / 64;

  BitPlanes() = default;
  // All zero.
  BitPlanes(int bits, std::size_t cycles);

  // Two's complement; bits above `bits` are dropped.
  static BitPlanes from_int8(const std::int8_t* values, std::size_t cycles, int bits = 8);
  static BitPlanes from_int32(const std::int32_t* values, std::size_t cycles, int bits);
  static BitPlanes from_int8(const std::vector<std::int8_t>& values, int bits = 8) {
    return from_int8(values.data(), values.size(), bits);
  }
  static BitPlanes from_int32(const std::vector<std::int32_t>& values, int bits) {
    return from_int32(values.data(), values.size(), bits);
  }

  // Sign-extended from the top plane.
  std::vector<std::int32_t> to_int32() const;

  // Gives the planes this shape; the content is undefined afterwards where it changes.
  void reshape(int bits, std::size_t cycles);

  int bits() const { return bits_; }
  std::size_t cycles() const { return cycles_; }
  std::size_t blocks() const { return blocks_; }
  std::uint64_t* plane(int bit) { return lines_[static_cast<std::size_t>(bit) * blocks_].words; }
  const std::uint64_t* plane(int bit) const {
    return lines_[static_cast<std::size_t>(bit) * blocks_].words;
  }

 private:
  struct alignas(64) Line {
    std::uint64_t words[kBlockWords];
  };

  void repeat_last_cycle();

  int bits_ = 0;
  std::size_t cycles_ = 0;
  std::size_t blocks_ = 0;
  std::vector<Line> lines_;  // [bit][block]
};

}  // namespace togglewise::gate
