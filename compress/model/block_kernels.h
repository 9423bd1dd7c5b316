// The arithmetic between two convolutions, fused: normalization, rounding to the int8 grid, the
// residual sum and its rounding. On feature maps in channels-last order, [pixel][channel], one pass
// over memory for each function; loops are compiled for several instruction sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace togglewise::compress {

// Feature maps are 32-bit or bfloat16 numbers (the upper half of a 32-bit one).
struct BFloat16 {
  std::uint16_t bits = 0;
};

// What a block computes of the accumulators x of channel c, elementwise:
//   y = clamp(round(scale[c]·x + shift[c]), low, high)
// and, with a residual r,
//   z = clamp(round(own_factor·y + residual_factor·r), sum_low, sum_high).
// round is floor(v + ½), as the integer network rounds; without `rounds` nothing is rounded.
struct BlockRule {
  bool rounds = false;
  float low = 0, high = 0;
  bool has_residual = false;
  float own_factor = 1, residual_factor = 1;
  float sum_low = 0, sum_high = 0;
};

struct BlockShape {
  std::size_t pixels = 0;  // of all images
  std::size_t channels = 0;
};

// Σ x and Σ x² of every channel.
struct ChannelSums {
  std::vector<double> first, second;
};

template <typename Value>
ChannelSums channel_sums(const BlockShape& shape, const Value* x);

// `scale` and `shift` have one number per channel; `residual` is null without one.
template <typename Value>
void apply_block(const BlockShape& shape, const BlockRule& rule, const float* scale,
                 const float* shift, const Value* x, const Value* residual, Value* result);

// The gradient passes where nothing was clamped (straight-through estimator): at x it is
//   g·[low − ½ < scale·x + shift < high + ½]·(own_factor·[sum_low < z < sum_high])
// (without `rounds`: low < … < high), without a residual g·[low < y < high]. Results that lie on a
// bound count as clamped: with a ReLU these are the zeros. Σ g and Σ g·x of every channel for that
// gradient g; `result` is what apply_block() gave.
template <typename Value>
ChannelSums gradient_sums(const BlockShape& shape, const BlockRule& rule, const float* scale,
                          const float* shift, const Value* x, const Value* result,
                          const Value* gradient);

// Gradient at x: by_gradient[c]·g + by_x[c]·x + constant[c]; at the residual, where there is one:
// residual_factor·gradient where z was not clamped (`at_residual` null: not wanted).
struct GradientCoefficients {
  const float* by_gradient = nullptr;
  const float* by_x = nullptr;
  const float* constant = nullptr;
};
template <typename Value>
void apply_gradient(const BlockShape& shape, const BlockRule& rule, const float* scale,
                    const float* shift, const GradientCoefficients& coefficients, const Value* x,
                    const Value* result, const Value* gradient, Value* at_x, Value* at_residual);

}  // namespace togglewise::compress
