// Toggle counting over blocks of registers: XOR with the content of the cycle before, population
// count, and the comparison with the model, in one pass with the vector instructions at hand.
#pragma once

#include <cstdint>

namespace togglewise::systemc {

// A block of registers; row r starts r·stride elements on and has columns + r·columns_step of them
// (a step of −1 describes the triangles of skew and deskew registers).
struct BlockSize {
  int rows = 0;
  int columns = 0;
  int columns_step = 0;
};

// Bits of `now` that differ from `before`, of each byte those in `mask`; copies `now` to `before`.
std::uint64_t count_byte_toggles(const std::uint8_t* now, int now_stride, std::uint8_t* before,
                                 int before_stride, const BlockSize& size, std::uint8_t mask);

// Bytes of `now` that differ from those of `model` in a bit of `mask`.
std::uint64_t count_byte_differences(const std::uint8_t* now, int now_stride,
                                     const std::uint8_t* model, int model_stride,
                                     const BlockSize& size, std::uint8_t mask);

// How the words of a Verilated build become the register of the hardware that is counted: the low
// `built_bits` are sign-extended, then the low `counted_bits` are counted.
struct WordWidths {
  int built_bits = 32;
  int counted_bits = 32;
};

// The same for words, which `before` keeps sign-extended.
std::uint64_t count_word_toggles(const std::uint32_t* now, int now_stride, std::int32_t* before,
                                 int before_stride, const BlockSize& size,
                                 const WordWidths& widths);

// Words of `now` whose counted bits differ from those of `model`.
std::uint64_t count_word_differences(const std::uint32_t* now, int now_stride,
                                     const std::int32_t* model, int model_stride,
                                     const BlockSize& size, const WordWidths& widths);

}  // namespace togglewise::systemc
