#include "compress/select/uniform_bits.h"

#include <algorithm>
#include <cmath>

#include "compress/select/magnitude.h"
#include "compress/select/network_selection.h"

namespace togglewise::compress {

namespace {

constexpr int fewest_bits = 4;
constexpr int clippings = 31;  // that are tried
constexpr double smallest_clipping = 0.25;

int bits_at(double bits_less) { return 8 - static_cast<int>(std::lround(bits_less)); }

int largest_of_bits(int bits) { return (1 << (bits - 1)) - 1; }

}  // namespace

std::vector<int> values_of_bits(int bits) {
  const int largest = largest_of_bits(bits);
  std::vector<int> values;
  for (int v = -largest; v <= largest; ++v) values.push_back(v);
  return values;
}

float least_error_step(const float* weights, int count, int largest, float step) {
  float best = step;
  double least = -1;
  for (int k = 0; k < clippings; ++k) {
    const double clipping = 1.0 - (1.0 - smallest_clipping) * k / (clippings - 1);
    const auto tried = static_cast<float>(step * clipping);
    double error = 0;
    for (int i = 0; i < count; ++i) {
      const float value = std::clamp(std::nearbyint(weights[i] / tried),
                                     static_cast<float>(-largest), static_cast<float>(largest));
      const double difference = static_cast<double>(weights[i]) - tried * value;
      error += difference * difference;
    }
    if (least < 0 || error < least) {
      least = error;
      best = tried;
    }
  }
  return best;
}

StrengthRange UniformBits::strengths(const NetworkView& /*network*/, int /*threads*/) const {
  StrengthRange range{1, 8 - fewest_bits, false, {}};
  for (int less = 1; less <= 8 - fewest_bits; ++less) range.steps.push_back(less);
  return range;
}

void UniformBits::choose_scales(const LayerView& layer, double bits_less,
                                std::vector<float>& scale) const {
  const int largest = largest_of_bits(bits_at(bits_less));
  for (int c = 0; c < layer.channels; ++c) {
    const float* weights = layer.weights + static_cast<std::size_t>(c) * layer.weights_per_channel;
    scale[c] = least_error_step(weights, layer.weights_per_channel, largest,
                                scale[c] * 127.0F / static_cast<float>(largest));
  }
}

std::unique_ptr<const Selection> UniformBits::prepare(const NetworkView& network,
                                                      double bits_less) const {
  return std::make_unique<PrunedSelection>(
      MagnitudeThresholds{std::vector<float>(network.size(), 0.0F), false},
      values_of_bits(bits_at(bits_less)));
}

std::vector<std::vector<int>> UniformBits::permitted_sets(const NetworkView& network,
                                                          double bits_less, int largest_set,
                                                          int /*threads*/) const {
  std::vector<std::vector<int>> sets;
  for (const LayerView& layer : network) {
    const std::vector<int> permitted =
        permitted_among(*layer.permitted, values_of_bits(bits_at(bits_less)));
    LayerView among = layer;
    among.permitted = &permitted;
    std::vector<std::int8_t> chosen(layer.weight_count());
    select_nearest(among, chosen.data());
    sets.push_back(largest_useful_set(among, chosen.data(), largest_set));
  }
  return sets;
}

}  // namespace togglewise::compress
