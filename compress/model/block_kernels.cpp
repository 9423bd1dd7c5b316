#include "compress/model/block_kernels.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace togglewise::compress {

namespace {

// Bodies are inlined into one function for each type, which is compiled for several instruction
// sets; the loader picks the best.
#define TOGGLEWISE_INLINE inline __attribute__((always_inline))
#define TOGGLEWISE_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))

TOGGLEWISE_INLINE float load(float value) { return value; }
TOGGLEWISE_INLINE float load(BFloat16 value) {
  const std::uint32_t bits = static_cast<std::uint32_t>(value.bits) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof(result));
  return result;
}

TOGGLEWISE_INLINE void store(float value, float* to) { *to = value; }
// Round to nearest, ties to even. Not-a-numbers may turn into infinities, which losses show as
// well.
TOGGLEWISE_INLINE void store(float value, BFloat16* to) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  to->bits = static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

// floor(v + ½), as the integer network rounds, for |v| < 2^22; larger values stay what they are,
// nearly. Adding 1.5·2^23 leaves no bits for a fraction. (std::floor and conversions to integers
// keep GCC 12 from vectorizing the loops.)
TOGGLEWISE_INLINE float round_half_up(float v) {
  constexpr float magic = 12582912.0F;
  const float shifted = v + 0.5F;
  const float nearest = (shifted + magic) - magic;
  return nearest > shifted ? nearest - 1.0F : nearest;
}

TOGGLEWISE_INLINE float clamp(float v, float low, float high) {
  const float above = v > low ? v : low;
  return above < high ? above : high;
}

// A row of the loops: a whole number of pixels, long enough that the vector loop over its channels
// is worth its overhead. Coefficients are repeated to fill it.
constexpr std::size_t shortest_row = 256;

std::size_t pixels_per_row(const BlockShape& shape) {
  return std::max<std::size_t>(1, shortest_row / std::max<std::size_t>(1, shape.channels));
}

std::vector<float> repeated(const float* values, const BlockShape& shape) {
  std::vector<float> row;
  row.reserve(pixels_per_row(shape) * shape.channels);
  for (std::size_t p = 0; p < pixels_per_row(shape); ++p) {
    row.insert(row.end(), values, values + shape.channels);
  }
  return row;
}

template <bool rounds>
TOGGLEWISE_INLINE float own_result(const BlockRule& rule, float v) {
  return clamp(rounds ? round_half_up(v) : v, rule.low, rule.high);
}

template <bool rounds, bool residual, typename Value>
TOGGLEWISE_INLINE void apply_rows(std::size_t elements, std::size_t row, BlockRule rule,
                                  const float* __restrict scale, const float* __restrict shift,
                                  const Value* __restrict x, const Value* __restrict r,
                                  Value* __restrict result) {
  for (std::size_t begin = 0; begin < elements; begin += row) {
    const std::size_t count = std::min(row, elements - begin);
    for (std::size_t i = 0; i < count; ++i) {
      float y = own_result<rounds>(rule, scale[i] * load(x[begin + i]) + shift[i]);
      if (residual) {
        const float sum = rule.own_factor * y + rule.residual_factor * load(r[begin + i]);
        y = clamp(rounds ? round_half_up(sum) : sum, rule.sum_low, rule.sum_high);
      }
      store(y, &result[begin + i]);
    }
  }
}

// The straight-through gradient at the layer's own result; `passed` is that at the sum.
template <bool residual>
TOGGLEWISE_INLINE float own_gradient(const BlockRule& rule, float scale, float shift, float x,
                                     float result, float g) {
  if (!residual) return (result > rule.low && result < rule.high) ? g : 0.0F;
  const float v = scale * x + shift;
  const float passed = (result > rule.sum_low && result < rule.sum_high) ? g : 0.0F;
  const float reach = rule.rounds ? 0.5F : 0.0F;
  return (v > rule.low - reach && v < rule.high + reach) ? rule.own_factor * passed : 0.0F;
}

template <bool residual, typename Value>
TOGGLEWISE_INLINE void sum_gradient_rows(std::size_t elements, std::size_t row, BlockRule rule,
                                         const float* __restrict scale,
                                         const float* __restrict shift, const Value* __restrict x,
                                         const Value* __restrict result,
                                         const Value* __restrict gradient, float* __restrict first,
                                         float* __restrict second) {
  for (std::size_t begin = 0; begin < elements; begin += row) {
    const std::size_t count = std::min(row, elements - begin);
    for (std::size_t i = 0; i < count; ++i) {
      const float value = load(x[begin + i]);
      const float g = own_gradient<residual>(rule, scale[i], shift[i], value,
                                             load(result[begin + i]), load(gradient[begin + i]));
      first[i] += g;
      second[i] += g * value;
    }
  }
}

template <bool residual, typename Value>
TOGGLEWISE_INLINE void apply_gradient_rows(std::size_t elements, std::size_t row, BlockRule rule,
                                           const float* __restrict scale,
                                           const float* __restrict shift, GradientCoefficients k,
                                           const Value* __restrict x,
                                           const Value* __restrict result,
                                           const Value* __restrict gradient, Value* __restrict at_x,
                                           Value* __restrict at_residual) {
  const float* __restrict by_gradient = k.by_gradient;
  const float* __restrict by_x = k.by_x;
  const float* __restrict constant = k.constant;
  for (std::size_t begin = 0; begin < elements; begin += row) {
    const std::size_t count = std::min(row, elements - begin);
    for (std::size_t i = 0; i < count; ++i) {
      const float value = load(x[begin + i]);
      const float out = load(result[begin + i]);
      const float g = load(gradient[begin + i]);
      const float own = own_gradient<residual>(rule, scale[i], shift[i], value, out, g);
      store(by_gradient[i] * own + by_x[i] * value + constant[i], &at_x[begin + i]);
      if (residual) {
        const bool passes = out > rule.sum_low && out < rule.sum_high;
        store(passes ? rule.residual_factor * g : 0.0F, &at_residual[begin + i]);
      }
    }
  }
}

template <typename Value>
TOGGLEWISE_INLINE void sum_rows(std::size_t elements, std::size_t row, const Value* __restrict x,
                                float* __restrict first, float* __restrict second) {
  for (std::size_t begin = 0; begin < elements; begin += row) {
    const std::size_t count = std::min(row, elements - begin);
    for (std::size_t i = 0; i < count; ++i) {
      const float value = load(x[begin + i]);
      first[i] += value;
      second[i] += value * value;
    }
  }
}

// One function a type and case, for the compiler to clone.
#define TOGGLEWISE_KERNELS(Value, name)                                                           \
  TOGGLEWISE_CLONES void sum_##name(std::size_t n, std::size_t row, const Value* x, float* first, \
                                    float* second) {                                              \
    sum_rows(n, row, x, first, second);                                                           \
  }                                                                                               \
  TOGGLEWISE_CLONES void apply_##name(std::size_t n, std::size_t row, const BlockRule& rule,      \
                                      const float* scale, const float* shift, const Value* x,     \
                                      const Value* r, Value* result) {                            \
    if (rule.rounds) {                                                                            \
      if (rule.has_residual) {                                                                    \
        apply_rows<true, true>(n, row, rule, scale, shift, x, r, result);                         \
      } else {                                                                                    \
        apply_rows<true, false>(n, row, rule, scale, shift, x, r, result);                        \
      }                                                                                           \
    } else if (rule.has_residual) {                                                               \
      apply_rows<false, true>(n, row, rule, scale, shift, x, r, result);                          \
    } else {                                                                                      \
      apply_rows<false, false>(n, row, rule, scale, shift, x, r, result);                         \
    }                                                                                             \
  }                                                                                               \
  TOGGLEWISE_CLONES void sum_gradient_##name(                                                     \
      std::size_t n, std::size_t row, const BlockRule& rule, const float* scale,                  \
      const float* shift, const Value* x, const Value* result, const Value* gradient,             \
      float* first, float* second) {                                                              \
    if (rule.has_residual) {                                                                      \
      sum_gradient_rows<true>(n, row, rule, scale, shift, x, result, gradient, first, second);    \
    } else {                                                                                      \
      sum_gradient_rows<false>(n, row, rule, scale, shift, x, result, gradient, first, second);   \
    }                                                                                             \
  }                                                                                               \
  TOGGLEWISE_CLONES void apply_gradient_##name(                                                   \
      std::size_t n, std::size_t row, const BlockRule& rule, const float* scale,                  \
      const float* shift, const GradientCoefficients& k, const Value* x, const Value* result,     \
      const Value* gradient, Value* at_x, Value* at_residual) {                                   \
    if (rule.has_residual) {                                                                      \
      apply_gradient_rows<true>(n, row, rule, scale, shift, k, x, result, gradient, at_x,         \
                                at_residual);                                                     \
    } else {                                                                                      \
      apply_gradient_rows<false>(n, row, rule, scale, shift, k, x, result, gradient, at_x,        \
                                 at_residual);                                                    \
    }                                                                                             \
  }

TOGGLEWISE_KERNELS(float, float32)
TOGGLEWISE_KERNELS(BFloat16, bfloat16)

// Sums over rows, folded to channels.
class RowSums {
 public:
  explicit RowSums(const BlockShape& shape)
      : shape_(shape), first_(pixels_per_row(shape) * shape.channels), second_(first_.size()) {}

  float* first() { return first_.data(); }
  float* second() { return second_.data(); }

  ChannelSums folded() const {
    ChannelSums sums{std::vector<double>(shape_.channels), std::vector<double>(shape_.channels)};
    for (std::size_t i = 0; i < first_.size(); ++i) {
      sums.first[i % shape_.channels] += first_[i];
      sums.second[i % shape_.channels] += second_[i];
    }
    return sums;
  }

 private:
  BlockShape shape_;
  std::vector<float> first_, second_;
};

}  // namespace

template <typename Value>
ChannelSums channel_sums(const BlockShape& shape, const Value* x) {
  RowSums sums(shape);
  const std::size_t n = shape.pixels * shape.channels;
  const std::size_t row = pixels_per_row(shape) * shape.channels;
  if constexpr (std::is_same_v<Value, float>) {
    sum_float32(n, row, x, sums.first(), sums.second());
  } else {
    sum_bfloat16(n, row, x, sums.first(), sums.second());
  }
  return sums.folded();
}

template <typename Value>
void apply_block(const BlockShape& shape, const BlockRule& rule, const float* scale,
                 const float* shift, const Value* x, const Value* residual, Value* result) {
  const std::vector<float> scales = repeated(scale, shape);
  const std::vector<float> shifts = repeated(shift, shape);
  const std::size_t n = shape.pixels * shape.channels;
  if constexpr (std::is_same_v<Value, float>) {
    apply_float32(n, scales.size(), rule, scales.data(), shifts.data(), x, residual, result);
  } else {
    apply_bfloat16(n, scales.size(), rule, scales.data(), shifts.data(), x, residual, result);
  }
}

template <typename Value>
ChannelSums gradient_sums(const BlockShape& shape, const BlockRule& rule, const float* scale,
                          const float* shift, const Value* x, const Value* result,
                          const Value* gradient) {
  const std::vector<float> scales = repeated(scale, shape);
  const std::vector<float> shifts = repeated(shift, shape);
  const std::size_t n = shape.pixels * shape.channels;
  RowSums sums(shape);
  if constexpr (std::is_same_v<Value, float>) {
    sum_gradient_float32(n, scales.size(), rule, scales.data(), shifts.data(), x, result, gradient,
                         sums.first(), sums.second());
  } else {
    sum_gradient_bfloat16(n, scales.size(), rule, scales.data(), shifts.data(), x, result, gradient,
                          sums.first(), sums.second());
  }
  return sums.folded();
}

template <typename Value>
void apply_gradient(const BlockShape& shape, const BlockRule& rule, const float* scale,
                    const float* shift, const GradientCoefficients& coefficients, const Value* x,
                    const Value* result, const Value* gradient, Value* at_x, Value* at_residual) {
  const std::vector<float> scales = repeated(scale, shape);
  const std::vector<float> shifts = repeated(shift, shape);
  const std::vector<float> by_gradient = repeated(coefficients.by_gradient, shape);
  const std::vector<float> by_x = repeated(coefficients.by_x, shape);
  const std::vector<float> constant = repeated(coefficients.constant, shape);
  const GradientCoefficients k{by_gradient.data(), by_x.data(), constant.data()};
  const std::size_t n = shape.pixels * shape.channels;
  if constexpr (std::is_same_v<Value, float>) {
    apply_gradient_float32(n, scales.size(), rule, scales.data(), shifts.data(), k, x, result,
                           gradient, at_x, at_residual);
  } else {
    apply_gradient_bfloat16(n, scales.size(), rule, scales.data(), shifts.data(), k, x, result,
                            gradient, at_x, at_residual);
  }
}

#define TOGGLEWISE_INSTANTIATE(Value)                                                           \
  template ChannelSums channel_sums(const BlockShape&, const Value*);                           \
  template void apply_block(const BlockShape&, const BlockRule&, const float*, const float*,    \
                            const Value*, const Value*, Value*);                                \
  template ChannelSums gradient_sums(const BlockShape&, const BlockRule&, const float*,         \
                                     const float*, const Value*, const Value*, const Value*);   \
  template void apply_gradient(const BlockShape&, const BlockRule&, const float*, const float*, \
                               const GradientCoefficients&, const Value*, const Value*,         \
                               const Value*, Value*, Value*);
TOGGLEWISE_INSTANTIATE(float)
TOGGLEWISE_INSTANTIATE(BFloat16)

}  // namespace togglewise::compress
