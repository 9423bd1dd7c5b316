#include "sim/quantize/scale_search.h"

#include <algorithm>
#include <cmath>

namespace togglewise::quantize {
namespace {

constexpr int steps_per_octave = 16;
constexpr int coarse_steps = 128;
constexpr int fine_steps = 32;

// Rounds as std::nearbyint does (ties to even), for |x| < 2^51; a call would cost more than the
// rest of the loop.
double nearest(double x) {
  constexpr double shift = 0x1.8p52;
  return (x + shift) - shift;
}

double square_of_error(double value, double scale, double inverse, IntegerRange range) {
  // Clamping first gives the same whole number and keeps the rounding in its domain.
  const double clamped = std::min(std::max(value * inverse, double(range.low)), double(range.high));
  const double error = value - scale * nearest(clamped);
  return error * error;
}

// The scale at which neither end of [smallest, largest] is clipped; 0 where all values are 0.
double unclipped_scale(double smallest, double largest, IntegerRange range) {
  const double above = std::max(largest, 0.0) / range.high;
  const double below = range.low < 0 ? std::max(-smallest, 0.0) / -range.low : 0.0;
  return std::max(above, below);
}

template <typename ErrorOf>
float search(double unclipped, const ErrorOf& error_of) {
  double best_scale = unclipped;
  double best_error = error_of(unclipped);
  const auto attempt = [&](double scale) {
    const double error = error_of(scale);
    if (error < best_error || (error == best_error && scale > best_scale)) {
      best_error = error;
      best_scale = scale;
    }
  };
  for (int step = 1; step <= coarse_steps; ++step) {
    attempt(unclipped * std::exp2(-static_cast<double>(step) / steps_per_octave));
  }
  const double around = best_scale;
  const double width = around * (std::exp2(1.0 / steps_per_octave) - 1);
  for (int step = -fine_steps; step <= fine_steps; ++step) {
    const double scale = around + width * step / (fine_steps + 1);
    if (scale <= unclipped) attempt(scale);
  }
  return static_cast<float>(best_scale);
}

template <typename Values>
float choose(const Values& values, double smallest, double largest, IntegerRange range,
             ScaleRule rule) {
  const double unclipped = unclipped_scale(smallest, largest, range);
  // Below the smallest normal float a scale would lose its digits.
  if (unclipped < 0x1p-120) return 1.0F / static_cast<float>(range.high);
  if (rule == ScaleRule::largest_value) return static_cast<float>(unclipped);
  return search(unclipped, [&](double scale) { return values(scale); });
}

}  // namespace

int quantized(double value, double scale, IntegerRange range) {
  const double clamped = std::min(std::max(value / scale, double(range.low)), double(range.high));
  return static_cast<int>(std::nearbyint(clamped));
}

double squared_error(const float* values, std::size_t count, double scale, IntegerRange range) {
  const double inverse = 1 / scale;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += square_of_error(double{values[i]}, scale, inverse, range);
  }
  return sum;
}

double squared_error(const ValueHistogram& histogram, double scale, IntegerRange range) {
  const double inverse = 1 / scale;
  double sum = 0;
  histogram.for_each([&](double center, std::uint64_t count) {
    sum += static_cast<double>(count) * square_of_error(center, scale, inverse, range);
  });
  return sum;
}

float choose_scale(const std::vector<float>& values, IntegerRange range, ScaleRule rule) {
  const auto ends = std::minmax_element(values.begin(), values.end());
  if (values.empty()) return 1.0F / static_cast<float>(range.high);
  return choose(
      [&](double scale) { return squared_error(values.data(), values.size(), scale, range); },
      double{*ends.first}, double{*ends.second}, range, rule);
}

float choose_scale(const ValueHistogram& histogram, IntegerRange range, ScaleRule rule) {
  return choose([&](double scale) { return squared_error(histogram, scale, range); },
                double{histogram.smallest()}, double{histogram.largest()}, range, rule);
}

}  // namespace togglewise::quantize
