#include "compress/select/rate_distortion.h"

#include <algorithm>

namespace togglewise::compress {

void LowerEnvelope::build(const std::vector<int>& values, const std::vector<double>& costs) {
  values_.clear();
  intercepts_.clear();
  breakpoints_.clear();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int v = values[i];
    const double intercept = static_cast<double>(v) * v + costs[i];
    while (!values_.empty()) {
      const double crossing = (intercept - intercepts_.back()) / (2.0 * (v - values_.back()));
      // Where the new line takes over before the last one became best, the last is never best.
      if (breakpoints_.empty() || crossing > breakpoints_.back()) {
        breakpoints_.push_back(crossing);
        break;
      }
      values_.pop_back();
      intercepts_.pop_back();
      breakpoints_.pop_back();
    }
    values_.push_back(v);
    intercepts_.push_back(intercept);
  }
}

int LowerEnvelope::best(double x) const {
  const auto segment = std::lower_bound(breakpoints_.begin(), breakpoints_.end(), x);
  return values_[static_cast<std::size_t>(segment - breakpoints_.begin())];
}

double channel_lambda(const LayerView& layer, int channel, double multiplier) {
  const double s = layer.scale[channel];
  const double curvature = layer.curvature[channel];
  return multiplier * layer.output_pixels / (curvature * s * s);
}

void RateDistortionSelector::select(const LayerView& layer, double multiplier,
                                    std::int8_t* values) const {
  const std::vector<int>& permitted = *layer.permitted;
  std::vector<double> costs(permitted.size());
  LowerEnvelope envelope;
  for (int c = 0; c < layer.channels; ++c) {
    const double lambda = channel_lambda(layer, c, multiplier);
    for (std::size_t k = 0; k < permitted.size(); ++k) {
      costs[k] = lambda * layer.cost->energy_of(permitted[k]);
    }
    envelope.build(permitted, costs);
    const double inverse = 1.0 / layer.scale[c];
    const std::size_t first = static_cast<std::size_t>(c) * layer.weights_per_channel;
    for (int i = 0; i < layer.weights_per_channel; ++i) {
      values[first + i] =
          static_cast<std::int8_t>(envelope.best(layer.weights[first + i] * inverse));
    }
  }
}

}  // namespace togglewise::compress
