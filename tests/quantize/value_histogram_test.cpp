#include "sim/quantize/value_histogram.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sim/base/random.h"

namespace togglewise::quantize {
namespace {

using Bins = std::vector<std::pair<double, std::uint64_t>>;

Bins bins_of(const ValueHistogram& histogram) {
  Bins bins;
  histogram.for_each([&](double center, std::uint64_t count) { bins.emplace_back(center, count); });
  return bins;
}

std::vector<float> values_of_many_sizes(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double sign = random.below(2) == 0 ? -1 : 1;
    values.push_back(static_cast<float>(sign * std::exp2(20 * random.unit() - 15)));
    if (random.below(4) == 0) values.back() = 0;
  }
  return values;
}

TEST(ValueHistogram, DoesNotDependOnOrderOrParts) {
  EXPECT_TRUE(rc::check([] {
    std::vector<float> values = values_of_many_sizes(*rc::gen::inRange<std::size_t>(1, 300),
                                                     *rc::gen::arbitrary<unsigned>());
    ValueHistogram whole;
    whole.add(values.data(), values.size());

    const std::size_t cut = *rc::gen::inRange<std::size_t>(0, values.size());
    std::reverse(values.begin(), values.end());
    ValueHistogram first;
    ValueHistogram second;
    first.add(values.data(), cut);
    for (std::size_t i = cut; i < values.size(); ++i) second.add(&values[i], 1);
    second.merge(first);
    RC_ASSERT(bins_of(second) == bins_of(whole));
    RC_ASSERT(second.count() == values.size());
    RC_ASSERT(second.smallest() == whole.smallest());
    RC_ASSERT(second.largest() == whole.largest());
  }));
}

TEST(ValueHistogram, PutsValuesWithinHalfABinOfTheirCentre) {
  // The largest magnitude is 3.9, so bins cover [−4, 4).
  const double half_bin = 4.0 / ValueHistogram::bins_per_side / 2;
  for (const float value : {3.9F, -3.9F, 0.3F, -0.0001F, 1e-30F}) {
    ValueHistogram histogram;
    const float both[] = {value, 3.9F};
    histogram.add(both, 2);
    Bins bins = bins_of(histogram);
    bins.pop_back();  // of 3.9, the largest
    const double center = bins.empty() ? bins_of(histogram)[0].first : bins[0].first;
    EXPECT_LE(std::abs(center - double{value}), half_bin * 1.000001) << value;
  }
}

TEST(ValueHistogram, CountsZerosApart) {
  const float values[] = {0, -0.0F, 0, 2};
  ValueHistogram histogram;
  histogram.add(values, 4);
  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_EQ(bins_of(histogram).size(), 1U);
  EXPECT_EQ(histogram.smallest(), 0);
  EXPECT_EQ(histogram.largest(), 2);
}

TEST(AllFinite, IsFalseForInfinityAndNotANumber) {
  const float values[] = {1, -2, INFINITY, NAN};
  EXPECT_TRUE(all_finite(values, 2));
  EXPECT_FALSE(all_finite(values, 3));
  EXPECT_FALSE(all_finite(values + 3, 1));
}

}  // namespace
}  // namespace togglewise::quantize
