// The scale with the smallest mean squared error of q = clamp(round(x / scale), low, high).
#pragma once

#include <vector>

#include "sim/quantize/value_histogram.h"

namespace togglewise::quantize {

// What the integers of a tensor may be; low ≤ 0 < high.
struct IntegerRange {
  int low = -128;
  int high = 127;
};

enum class ScaleRule {
  mean_squared_error,  // clips what is rare, where that makes the rest finer
  largest_value,       // clips nothing
};

// Nearest whole number of value / scale, ties to even, clamped to `range`.
int quantized(double value, double scale, IntegerRange range);

// Sum of (x − scale · q(x))² over the values, or over the bins' centres times their counts.
double squared_error(const float* values, std::size_t count, double scale, IntegerRange range);
double squared_error(const ValueHistogram& histogram, double scale, IntegerRange range);

// The scale that `rule` gives. The search tries the scale that clips nothing, S, then
// S · 2^(−i/16) for i = 1..128, then 32 steps on either side of the best; of equal errors the
// larger scale wins. Values that are all zero get 1 / range.high.
float choose_scale(const std::vector<float>& values, IntegerRange range, ScaleRule rule);
float choose_scale(const ValueHistogram& histogram, IntegerRange range, ScaleRule rule);

}  // namespace togglewise::quantize
