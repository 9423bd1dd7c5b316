#include "compress/quantize/scales.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace togglewise::compress {

namespace {

constexpr float largest_value = 127.0F;

}  // namespace

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
