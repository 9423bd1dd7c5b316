#include <cmath>

#include <rapidcheck.h>

#include "sim/network/quantized_network.h"
#include "tests/config/expect_error.h"

namespace togglewise::network {
namespace {

// GCC's 128-bit integers hold everything exactly; __extension__ keeps -Wpedantic quiet.
__extension__ using Wide = __int128;

// floor(numerator / denominator + 1/2) in exact arithmetic, by the definition of floor.
Wide rounded_quotient(Wide numerator, Wide denominator) {
  const Wide twice = 2 * numerator + denominator;
  Wide quotient = twice / (2 * denominator);
  if (quotient * 2 * denominator > twice) --quotient;
  return quotient;
}

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

}  // namespace
}  // namespace togglewise::network
