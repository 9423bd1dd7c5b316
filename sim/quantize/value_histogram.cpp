#include "sim/quantize/value_histogram.h"

#include <algorithm>
#include <cmath>

namespace togglewise::quantize {
namespace {

constexpr int smallest_exponent = -100;  // values below 2^-113 share the bins beside 0

// The smallest e with |value| < 2^e.
int exponent_of(float value) {
  int exponent = 0;
  std::frexp(value, &exponent);
  return std::max(exponent, smallest_exponent);
}

}  // namespace

void ValueHistogram::grow(int exponent) {
  if (counts_.empty()) {
    counts_.assign(2 * bins_per_side, 0);
    exponent_ = exponent;
    return;
  }
  while (exponent_ < exponent) {
    std::vector<std::uint64_t> wider(counts_.size());
    for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
      wider[bins_per_side / 2 + bin / 2] += counts_[bin];
    }
    counts_ = std::move(wider);
    ++exponent_;
  }
}

void ValueHistogram::add(const float* values, std::size_t count) {
  float low = 0;
  float high = 0;
  for (std::size_t i = 0; i < count; ++i) {
    low = std::min(low, values[i]);
    high = std::max(high, values[i]);
  }
  smallest_ = std::min(smallest_, low);
  largest_ = std::max(largest_, high);
  if (low < 0 || high > 0) grow(exponent_of(std::max(-low, high)));
  const float bins_per_unit = counts_.empty() ? 0 : std::ldexp(float{bins_per_side}, -exponent_);
  for (std::size_t i = 0; i < count; ++i) {
    if (values[i] == 0) {
      ++zeros_;
      continue;
    }
    // The product is exact but for values far below the bin width, which stay on their side of 0.
    const float position = std::floor(values[i] * bins_per_unit);
    ++counts_[static_cast<std::size_t>(static_cast<int>(position) + bins_per_side)];
  }
}

void ValueHistogram::merge(const ValueHistogram& other) {
  zeros_ += other.zeros_;
  smallest_ = std::min(smallest_, other.smallest_);
  largest_ = std::max(largest_, other.largest_);
  if (other.counts_.empty()) return;
  grow(other.exponent_);
  ValueHistogram same = other;
  same.grow(exponent_);
  for (std::size_t bin = 0; bin < counts_.size(); ++bin) counts_[bin] += same.counts_[bin];
}

std::uint64_t ValueHistogram::count() const {
  std::uint64_t sum = zeros_;
  for (const std::uint64_t count : counts_) sum += count;
  return sum;
}

double ValueHistogram::center(std::size_t bin) const {
  const double position = static_cast<double>(bin) - bins_per_side + 0.5;
  return std::ldexp(position / bins_per_side, exponent_);
}

bool all_finite(const float* values, std::size_t count) {
  return std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
}

}  // namespace togglewise::quantize
