// The inner loops of integer convolutions, compiled for several instruction sets and dispatched at
// run time. Exact: products of 8-bit numbers are added in 32 bits, and nothing saturates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace togglewise::network::kernel {

// Two 8-bit numbers as the halves of a 32-bit one, `low` in the lower 16 bits, both sign-extended
// to 16 bits: one instruction multiplies two such pairs and adds both products.
inline std::int32_t pair_of(std::int8_t low, std::int8_t high) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(std::int32_t{low}) & 0xFFFFU) |
         static_cast<std::int32_t>(static_cast<std::uint32_t>(std::int32_t{high}) << 16U);
}

// Buffers end with so many values that may be read or, where an output says so, written.
constexpr std::size_t padding = 64;

// Output channels that are computed together.
constexpr std::size_t channel_block = 4;

// pairs[i] = pair_of(low[i], high[i]) for i in [0, count).
void interleave(const std::int8_t* low, const std::int8_t* high, std::size_t count,
                std::int32_t* pairs);

// sums[c·stride + p] = Σ_t product(image[offsets[t] + p], weights[t·channel_block + c]) for c in
// [0, channels) and p in [0, pixels): `product` multiplies both halves and adds. At most
// channel_block channels. `image` is readable, `sums` writable for `padding` pixels more.
void convolve(const std::int32_t* image, const std::size_t* offsets, std::size_t taps,
              const std::int32_t* weights, std::size_t channels, std::size_t pixels,
              std::int32_t* sums, std::size_t stride);

// sums[c] = Σ_k product(a[k], weights[c·pairs + k]) for c in [0, channels); `pairs` is a multiple
// of `padding`.
void dot_products(const std::int32_t* a, const std::int32_t* weights, std::size_t pairs,
                  std::size_t channels, std::int32_t* sums);

// requantize(sums[i] + bias, {multiplier, shift}, low, high) for i in [0, count). `sums` is
// readable for `padding` values more.
void requantize(const std::int32_t* sums, std::size_t count, std::int32_t bias,
                std::int32_t multiplier, int shift, int low, int high, std::int8_t* output);

// rescale_sum(a[i], b[i], …) for i in [0, count).
void rescale_sum(const std::int8_t* a, const std::int8_t* b, std::size_t count,
                 std::int32_t a_multiplier, std::int32_t b_multiplier, int shift, int low, int high,
                 std::int8_t* output);

}  // namespace togglewise::network::kernel
