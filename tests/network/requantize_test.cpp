#include <cmath>

#include <rapidcheck.h>

#include "sim/network/dataset.h"
#include "sim/network/quantized_network.h"
#include "tests/config/expect_error.h"
#include "tests/network/reference_inference.h"

namespace togglewise::network {
namespace {

int exact(std::int32_t accumulator, FixedPointScale scale, int low, int high) {
  const Wide value = rounded_quotient(Wide{accumulator} * scale.multiplier, Wide{1} << scale.shift);
  return static_cast<int>(value < low ? low : value > high ? high : value);
}

TEST(Requantize, AnyAccumulatorAndScale_EqualsExactArithmetic) {
  EXPECT_TRUE(rc::check([] {
    const auto accumulator = *rc::gen::oneOf(
        rc::gen::arbitrary<std::int32_t>(), rc::gen::inRange<std::int32_t>(-1000, 1000),
        rc::gen::element(std::numeric_limits<std::int32_t>::min(),
                         std::numeric_limits<std::int32_t>::max()));
    FixedPointScale scale;
    scale.multiplier = static_cast<std::int32_t>(
        *rc::gen::inRange<std::int64_t>(std::int64_t{1} << 30, std::int64_t{1} << 31));
    scale.shift = *rc::gen::inRange(1, 63);
    const int low = *rc::gen::element(-128, 0);
    RC_ASSERT(requantize(accumulator, scale, low, 127) == exact(accumulator, scale, low, 127));
  }));
}

TEST(Requantize, Ties_RoundUpAlsoBelowZero) {
  const FixedPointScale half = fixed_point_scale(0.5);
  EXPECT_EQ(requantize(1, half, -128, 127), 1);    // 0.5
  EXPECT_EQ(requantize(-1, half, -128, 127), 0);   // −0.5
  EXPECT_EQ(requantize(3, half, -128, 127), 2);    // 1.5
  EXPECT_EQ(requantize(-3, half, -128, 127), -1);  // −1.5
  EXPECT_EQ(requantize(-4, half, -128, 127), -2);
}

TEST(Requantize, Clamp_HoldsAtBothEnds) {
  const FixedPointScale one = fixed_point_scale(1.0);
  EXPECT_EQ(requantize(128, one, -128, 127), 127);
  EXPECT_EQ(requantize(-129, one, -128, 127), -128);
  EXPECT_EQ(requantize(-1, one, 0, 127), 0);
  EXPECT_EQ(requantize(std::numeric_limits<std::int32_t>::max(), fixed_point_scale(1e9), 0, 127),
            127);
  EXPECT_EQ(requantize(std::numeric_limits<std::int32_t>::min(), fixed_point_scale(1e9), -128, 127),
            -128);
}

TEST(FixedPointScale, AnyFactor_IsTheNearestOne) {
  EXPECT_TRUE(rc::check([] {
    const int exponent = *rc::gen::inRange(-31, 30);
    const double mantissa =
        1.0 +
        static_cast<double>(*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 52)) * 0x1p-52;
    const double factor = std::ldexp(mantissa, exponent);
    const FixedPointScale scale = fixed_point_scale(factor);
    RC_ASSERT(scale.multiplier >= (1 << 30));
    RC_ASSERT(scale.shift >= 1 && scale.shift <= 62);
    // Half a unit of the multiplier's last place, relative to a multiplier of at least 2^30.
    const double stored = std::ldexp(static_cast<double>(scale.multiplier), -scale.shift);
    RC_ASSERT(std::abs(stored - factor) <= factor * 0x1p-31);
  }));
}

TEST(FixedPointScale, RoundingUpToAPowerOfTwo_StaysInRange) {
  const FixedPointScale scale = fixed_point_scale(std::nextafter(1.0, 0.0));
  EXPECT_EQ(scale.multiplier, 1 << 30);
  EXPECT_EQ(scale.shift, 30);
}

TEST(FixedPointScale, FactorsOutsideTheRange_AreRefused) {
  EXPECT_EQ(fixed_point_scale(0x1p-32).shift, 62);
  EXPECT_EQ(fixed_point_scale(0x1.8p29).shift, 1);
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double factor : {0.0, -1.0, 0x1p-33, 0x1p30, infinity, -infinity, std::nan("")}) {
    expect_error([&] { fixed_point_scale(factor); }, {"TW-QUANT-001", {"2^-32"}});
  }
}

// Any scale that a sum may meet, from far too small to far too large.
float any_scale() {
  return std::ldexp(1.0F + static_cast<float>(*rc::gen::inRange(0, 1 << 20)) * 0x1p-20F,
                    *rc::gen::inRange(-12, 12));
}

TEST(CommonScale, AnyScales_AreTheNearestMultipliers) {
  EXPECT_TRUE(rc::check([] {
    const std::vector<float> inputs = {any_scale(), any_scale()};
    const float output = std::ldexp(any_scale(), -7);
    RC_PRE(std::max(inputs[0], inputs[1]) / output < 0x1p20F);
    const CommonScale common = common_scale(inputs, output);
    RC_ASSERT(common.shift >= 1 && common.shift <= 30);
    int largest = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const double wanted =
          std::ldexp(static_cast<double>(inputs[i]) / static_cast<double>(output), common.shift);
      RC_ASSERT(std::abs(common.multipliers[i] - wanted) <= 0.5);
      RC_ASSERT(common.multipliers[i] < (1 << 22));
      largest = std::max(largest, common.multipliers[i]);
    }
    RC_ASSERT(largest >= (1 << 21) || common.shift == 30);
  }));
}

TEST(CommonScale, EqualScales_ChangeNothing) {
  for (const float scale : {1e-6F, 0.1F, 1.0F, 3.7F}) {
    const CommonScale common = common_scale({scale, scale}, scale);
    for (int value = -128; value < 128; ++value) {
      const auto a = static_cast<std::int8_t>(value);
      EXPECT_EQ(rescale(a, common, -128, 127), value);
      EXPECT_EQ(rescale_sum(a, 0, common, -128, 127), value);
      EXPECT_EQ(rescale_sum(a, 5, common, -128, 127), std::min(value + 5, 127));
    }
  }
}

TEST(CommonScale, FactorsOutsideTheRange_AreRefused) {
  EXPECT_EQ(common_scale({0x1.8p19F}, 1).shift, 2);
  EXPECT_EQ(common_scale({1e-30F}, 1).multipliers[0], 0);
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float scale : {0.0F, -1.0F, 0x1p20F, infinity, std::nanf("")}) {
    expect_error([&] { common_scale({1, scale}, 1); }, {"TW-QUANT-001", {"below 2^20"}});
  }
  expect_error([] { common_scale({1}, 0); }, {"TW-QUANT-001", {"brought together"}});
}

TEST(RescaleSum, AnyValuesAndScales_EqualExactArithmetic) {
  EXPECT_TRUE(rc::check([] {
    const auto a = *rc::gen::arbitrary<std::int8_t>();
    const auto b = *rc::gen::arbitrary<std::int8_t>();
    const std::vector<float> inputs = {any_scale(), any_scale()};
    const float output = any_scale() / 16;
    RC_PRE(std::max(inputs[0], inputs[1]) / output < 0x1p20F);
    const CommonScale common = common_scale(inputs, output);
    const int low = *rc::gen::element(-128, 0);
    const int high = *rc::gen::element(127, 20);
    const Wide sum = Wide{a} * common.multipliers[0] + Wide{b} * common.multipliers[1];
    RC_ASSERT(rescale_sum(a, b, common, low, high) ==
              clamped(rounded_quotient(sum, Wide{1} << common.shift), low, high));
    const Wide alone = Wide{a} * common.multipliers[0];
    RC_ASSERT(rescale(a, common, low, high) ==
              clamped(rounded_quotient(alone, Wide{1} << common.shift), low, high));
  }));
}

TEST(RescaleSum, LargestSums_DoNotOverflow) {
  // The largest multipliers there are, with every shift.
  for (int shift = 1; shift <= 30; ++shift) {
    const CommonScale common{{(1 << 22) - 1, (1 << 22) - 1}, shift};
    const Wide sum = Wide{-256} * ((1 << 22) - 1);
    EXPECT_EQ(rescale_sum(-128, -128, common, -128, 127),
              clamped(rounded_quotient(sum, Wide{1} << shift), -128, 127));
    EXPECT_EQ(rescale_sum(127, 127, common, -128, 127),
              clamped(rounded_quotient(Wide{254} * ((1 << 22) - 1), Wide{1} << shift), -128, 127));
  }
}

TEST(InputTable, PixelsBecomeTheNearestActivations) {
  QuantizedNetwork network;
  network.input = {2, 4, 4};
  network.input_scale = 0.02F;
  network.normalization = {{0.5F, 0.4F}, {0.25F, 0.2F}};
  const auto table = input_table(network);
  ASSERT_EQ(table.size(), 2U);
  for (int pixel = 0; pixel < 256; ++pixel) {
    for (std::size_t c = 0; c < 2; ++c) {
      const double real = (pixel / 255.0 - static_cast<double>(network.normalization.mean[c])) /
                          static_cast<double>(network.normalization.deviation[c]);
      const double wanted = std::clamp(real / static_cast<double>(0.02F), -128.0, 127.0);
      EXPECT_LE(std::abs(table[c][static_cast<std::size_t>(pixel)] - wanted), 0.5) << pixel;
    }
  }
  EXPECT_EQ(table[0][0], -100);  // (0 − 0.5) / 0.25 / 0.02
  EXPECT_EQ(table[1][255], 127);
}

TEST(InputTable, PixelScaleWithoutNormalization_IsQuantizePixel) {
  QuantizedNetwork network;
  network.input = {1, 2, 2};
  network.input_scale = pixel_scale;
  const auto table = input_table(network);
  for (int pixel = 0; pixel < 256; ++pixel) {
    EXPECT_EQ(table[0][static_cast<std::size_t>(pixel)],
              quantize_pixel(static_cast<std::uint8_t>(pixel)));
  }
}

}  // namespace
}  // namespace togglewise::network
