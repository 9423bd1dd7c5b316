#include "sim/network/gemm_kernel.h"

#include "sim/network/quantized_network.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/network/gemm_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace togglewise::network::kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D32 = hn::ScalableTag<std::int32_t>;
using V32 = hn::Vec<D32>;

// sum + low(a)·low(b) + high(a)·high(b), lane by lane.
HWY_INLINE V32 AddPairProducts(V32 sum, V32 a, V32 b) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
  const D32 d32;
  // Highway leaves open which lane a product is added to; on x86 it is the pair's own.
  const hn::Repartition<std::int16_t, D32> d16;
  V32 unused = hn::Zero(d32);
  return hn::ReorderWidenMulAccumulate(d32, hn::BitCast(d16, a), hn::BitCast(d16, b), sum, unused);
#else
  const auto low = [](V32 v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); };
  const V32 products = hn::Mul(low(a), low(b));
  return hn::Add(sum, hn::Add(products, hn::Mul(hn::ShiftRight<16>(a), hn::ShiftRight<16>(b))));
#endif
}

void Interleave(const std::int8_t* HWY_RESTRICT low, const std::int8_t* HWY_RESTRICT high,
                std::size_t count, std::int32_t* HWY_RESTRICT pairs) {
  const D32 d32;
  const hn::Rebind<std::int8_t, D32> d8;
  const auto lower_half = hn::Set(d32, 0xFFFF);
  const std::size_t lanes = hn::Lanes(d32);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto l = hn::And(hn::PromoteTo(d32, hn::LoadU(d8, low + i)), lower_half);
    const auto h = hn::ShiftLeft<16>(hn::PromoteTo(d32, hn::LoadU(d8, high + i)));
    hn::StoreU(hn::Or(l, h), d32, pairs + i);
  }
  for (; i < count; ++i) pairs[i] = pair_of(low[i], high[i]);
}

// `vectors` vectors of pixels times `channels` output channels, all sums in registers.
template <int channels, int vectors>
HWY_INLINE void ConvolveBlock(const std::int32_t* HWY_RESTRICT image,
                              const std::size_t* HWY_RESTRICT offsets, std::size_t taps,
                              const std::int32_t* HWY_RESTRICT weights,
                              std::int32_t* HWY_RESTRICT sums, std::size_t stride) {
  const D32 d32;
  const std::size_t lanes = hn::Lanes(d32);
  V32 sum[channels][vectors];
#pragma GCC unroll 8
  for (int c = 0; c < channels; ++c) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) sum[c][v] = hn::Zero(d32);
  }
  for (std::size_t t = 0; t < taps; ++t) {
    const std::int32_t* HWY_RESTRICT pixels = image + offsets[t];
    V32 a[vectors];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) {
      a[v] = hn::LoadU(d32, pixels + static_cast<std::size_t>(v) * lanes);
    }
#pragma GCC unroll 8
    for (int c = 0; c < channels; ++c) {
      const V32 w = hn::Set(d32, weights[t * channel_block + static_cast<std::size_t>(c)]);
#pragma GCC unroll 8
      for (int v = 0; v < vectors; ++v) sum[c][v] = AddPairProducts(sum[c][v], a[v], w);
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < channels; ++c) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; ++v) {
      hn::StoreU(sum[c][v], d32,
                 sums + static_cast<std::size_t>(c) * stride + static_cast<std::size_t>(v) * lanes);
    }
  }
}

template <int channels>
HWY_INLINE void ConvolveChannels(const std::int32_t* image, const std::size_t* offsets,
                                 std::size_t taps, const std::int32_t* weights, std::size_t pixels,
                                 std::int32_t* sums, std::size_t stride) {
  // As many sums as leave room for operands among 32 registers, or 16 before AVX-512.
  constexpr int vectors = HWY_TARGET <= HWY_AVX3 ? 5 : 2;
  const std::size_t lanes = hn::Lanes(D32());
  std::size_t p = 0;
  for (; p + (vectors - 1) * lanes < pixels; p += vectors * lanes) {
    ConvolveBlock<channels, vectors>(image + p, offsets, taps, weights, sums + p, stride);
  }
  for (; p < pixels; p += lanes) {
    ConvolveBlock<channels, 1>(image + p, offsets, taps, weights, sums + p, stride);
  }
}

void Convolve(const std::int32_t* image, const std::size_t* offsets, std::size_t taps,
              const std::int32_t* weights, std::size_t channels, std::size_t pixels,
              std::int32_t* sums, std::size_t stride) {
  if (channels == 4) {
    ConvolveChannels<4>(image, offsets, taps, weights, pixels, sums, stride);
  } else if (channels == 3) {
    ConvolveChannels<3>(image, offsets, taps, weights, pixels, sums, stride);
  } else if (channels == 2) {
    ConvolveChannels<2>(image, offsets, taps, weights, pixels, sums, stride);
  } else {
    ConvolveChannels<1>(image, offsets, taps, weights, pixels, sums, stride);
  }
}

void DotProducts(const std::int32_t* HWY_RESTRICT a, const std::int32_t* HWY_RESTRICT weights,
                 std::size_t pairs, std::size_t channels, std::int32_t* HWY_RESTRICT sums) {
  const D32 d32;
  const std::size_t lanes = hn::Lanes(d32);
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int32_t* HWY_RESTRICT w = weights + c * pairs;
    V32 even = hn::Zero(d32);
    V32 odd = hn::Zero(d32);
    for (std::size_t k = 0; k < pairs; k += 2 * lanes) {
      even = AddPairProducts(even, hn::LoadU(d32, a + k), hn::LoadU(d32, w + k));
      odd = AddPairProducts(odd, hn::LoadU(d32, a + k + lanes), hn::LoadU(d32, w + k + lanes));
    }
    sums[c] = hn::GetLane(hn::SumOfLanes(d32, hn::Add(even, odd)));
  }
}

#if HWY_TARGET == HWY_SCALAR
void Requantize(const std::int32_t* sums, std::size_t count, std::int32_t bias,
                std::int32_t multiplier, int shift, int low, int high, std::int8_t* output) {
  for (std::size_t i = 0; i < count; ++i) {
    output[i] = network::requantize(sums[i] + bias, {multiplier, shift}, low, high);
  }
}
#else
void Requantize(const std::int32_t* HWY_RESTRICT sums, std::size_t count, std::int32_t bias,
                std::int32_t multiplier, int shift, int low, int high,
                std::int8_t* HWY_RESTRICT output) {
  const D32 d32;
  const hn::Repartition<std::int64_t, D32> d64;
  const hn::Rebind<std::int8_t, D32> d8;
  const std::size_t lanes = hn::Lanes(d32);
  const auto m = hn::Set(d32, multiplier);
  const auto half = hn::Set(d64, std::int64_t{1} << (shift - 1));
  const auto smallest = hn::Set(d64, std::int64_t{low});
  const auto largest = hn::Set(d64, std::int64_t{high});
  const auto lower_half = hn::Set(d64, std::int64_t{0xFFFFFFFF});
  const auto scaled = [&](V32 v) {  // of the even lanes
    const auto product = hn::Add(hn::MulEven(v, m), half);
    return hn::Min(hn::Max(hn::ShiftRightSame(product, shift), smallest), largest);
  };
  HWY_ALIGN std::int8_t tail[HWY_MAX_BYTES / sizeof(std::int32_t)];
  for (std::size_t i = 0; i < count; i += lanes) {
    const V32 v = hn::Add(hn::LoadU(d32, sums + i), hn::Set(d32, bias));
    const auto even = hn::And(scaled(v), lower_half);
    const auto odd = hn::ShiftLeft<32>(scaled(hn::BitCast(
        d32, hn::ShiftRight<32>(hn::BitCast(hn::RebindToUnsigned<decltype(d64)>(), v)))));
    const auto bytes = hn::DemoteTo(d8, hn::BitCast(d32, hn::Or(even, odd)));
    if (i + lanes <= count) {
      hn::StoreU(bytes, d8, output + i);
    } else {
      hn::StoreU(bytes, d8, tail);
      for (std::size_t j = i; j < count; ++j) output[j] = tail[j - i];
    }
  }
}

#endif

void RescaleSum(const std::int8_t* a, const std::int8_t* b, std::size_t count,
                std::int32_t a_multiplier, std::int32_t b_multiplier, int shift, int low, int high,
                std::int8_t* output) {
  const D32 d32;
  const hn::Rebind<std::int8_t, D32> d8;
  const std::size_t lanes = hn::Lanes(d32);
  const std::int32_t half = std::int32_t{1} << (shift - 1);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto product_a =
        hn::Mul(hn::PromoteTo(d32, hn::LoadU(d8, a + i)), hn::Set(d32, a_multiplier));
    const auto product_b =
        hn::Mul(hn::PromoteTo(d32, hn::LoadU(d8, b + i)), hn::Set(d32, b_multiplier));
    const auto sum = hn::Add(hn::Add(product_a, product_b), hn::Set(d32, half));
    const auto clamped =
        hn::Min(hn::Max(hn::ShiftRightSame(sum, shift), hn::Set(d32, std::int32_t{low})),
                hn::Set(d32, std::int32_t{high}));
    hn::StoreU(hn::DemoteTo(d8, clamped), d8, output + i);
  }
  for (; i < count; ++i) {
    const std::int32_t sum = (a[i] * a_multiplier + b[i] * b_multiplier + half) >> shift;
    output[i] = static_cast<std::int8_t>(sum < low ? low : sum > high ? high : sum);
  }
}

}  // namespace togglewise::network::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace togglewise::network::kernel {

HWY_EXPORT(Interleave);
HWY_EXPORT(Convolve);
HWY_EXPORT(DotProducts);
HWY_EXPORT(Requantize);
HWY_EXPORT(RescaleSum);

void interleave(const std::int8_t* low, const std::int8_t* high, std::size_t count,
                std::int32_t* pairs) {
  HWY_DYNAMIC_DISPATCH(Interleave)(low, high, count, pairs);
}

void convolve(const std::int32_t* image, const std::size_t* offsets, std::size_t taps,
              const std::int32_t* weights, std::size_t channels, std::size_t pixels,
              std::int32_t* sums, std::size_t stride) {
  HWY_DYNAMIC_DISPATCH(Convolve)
  (image, offsets, taps, weights, channels, pixels, sums, stride);
}

void dot_products(const std::int32_t* a, const std::int32_t* weights, std::size_t pairs,
                  std::size_t channels, std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(DotProducts)(a, weights, pairs, channels, sums);
}

void requantize(const std::int32_t* sums, std::size_t count, std::int32_t bias,
                std::int32_t multiplier, int shift, int low, int high, std::int8_t* output) {
  HWY_DYNAMIC_DISPATCH(Requantize)(sums, count, bias, multiplier, shift, low, high, output);
}

void rescale_sum(const std::int8_t* a, const std::int8_t* b, std::size_t count,
                 std::int32_t a_multiplier, std::int32_t b_multiplier, int shift, int low, int high,
                 std::int8_t* output) {
  HWY_DYNAMIC_DISPATCH(RescaleSum)
  (a, b, count, a_multiplier, b_multiplier, shift, low, high, output);
}

}  // namespace togglewise::network::kernel
#endif
