#include "compress/quantize/scales.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace togglewise::compress {

namespace {

constexpr float largest_value = 127.0F;
constexpr double lowest_clipping_point = 0.30;

// The values as counts over equal bins: the search then costs the same for any number of values.
constexpr std::size_t bins = 8192;

}  // namespace

float activation_scale(const float* values, std::size_t count, bool relu, int candidates) {
  float largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max(largest, relu ? values[i] : std::abs(values[i]));
  }
  if (largest <= 0) return 1.0F / largest_value;

  std::vector<double> counts(bins, 0.0);
  const double bin_width = static_cast<double>(largest) / bins;
  for (std::size_t i = 0; i < count; ++i) {
    const double magnitude = relu ? std::max(values[i], 0.0F) : std::abs(values[i]);
    counts[std::min(bins - 1, static_cast<std::size_t>(magnitude / bin_width))] += 1;
  }

  double best_error = std::numeric_limits<double>::infinity();
  double best_scale = largest / largest_value;
  for (int c = 0; c < candidates; ++c) {
    const double share = 1.0 - (1.0 - lowest_clipping_point) * c / std::max(1, candidates - 1);
    const double scale = largest * share / largest_value;
    double error = 0;
    for (std::size_t b = 1; b < bins; ++b) {  // bin 0 holds the zeros, which cost nothing
      if (counts[b] == 0) continue;
      const double x = (static_cast<double>(b) + 0.5) * bin_width;
      const double q = std::min(static_cast<double>(largest_value), std::floor(x / scale + 0.5));
      error += counts[b] * (x - q * scale) * (x - q * scale);
    }
    if (error < best_error) {
      best_error = error;
      best_scale = scale;
    }
  }
  return static_cast<float>(best_scale);
}

std::vector<float> weight_scales(const float* weights, int channels, int weights_per_channel) {
  std::vector<float> scales(static_cast<std::size_t>(channels), 0.0F);
  double sum = 0;
  int alive = 0;
  for (int c = 0; c < channels; ++c) {
    float largest = 0;
    for (int i = 0; i < weights_per_channel; ++i) {
      largest = std::max(largest,
                         std::abs(weights[static_cast<std::size_t>(c) * weights_per_channel + i]));
    }
    scales[static_cast<std::size_t>(c)] = largest / largest_value;
    if (largest > 0) {
      sum += largest / largest_value;
      ++alive;
    }
  }
  const float spare = alive > 0 ? static_cast<float>(sum / alive) : 1.0F / largest_value;
  for (float& s : scales) {
    if (s <= 0) s = spare;
  }
  return scales;
}

}  // namespace togglewise::compress
