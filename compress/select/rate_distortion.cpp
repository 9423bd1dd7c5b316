#include "compress/select/rate_distortion.h"

#include <algorithm>
#include <array>

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

namespace {

// Envelopes of one channel: its weights that are held as they are, and those that are held negated,
// have costs of their own. Made when first asked for: most channels have one kind.
class ChannelEnvelopes {
 public:
  ChannelEnvelopes(const LayerView& layer, int channel, double multiplier)
      : layer_(layer), lambda_(channel_lambda(layer, channel, multiplier)) {}

  int best(double x, bool negated) {
    const std::size_t kind = negated ? 1 : 0;
    if (!built_[kind]) build(kind);
    return envelopes_[kind].best(x);
  }

 private:
  void build(std::size_t kind) {
    std::vector<double> costs;
    for (const int v : *layer_.permitted) {
      costs.push_back(lambda_ * layer_.cost->energy_of(v, kind == 1));
    }
    envelopes_[kind].build(*layer_.permitted, costs);
    built_[kind] = true;
  }

  const LayerView& layer_;
  double lambda_;
  std::array<LowerEnvelope, 2> envelopes_;
  std::array<bool, 2> built_{};
};

}  // namespace

void RateDistortionSelector::select(const LayerView& layer, double multiplier,
                                    std::int8_t* values) const {
  for (int c = 0; c < layer.channels; ++c) {
    ChannelEnvelopes envelopes(layer, c, multiplier);
    const double inverse = 1.0 / layer.scale[c];
    const std::size_t first = static_cast<std::size_t>(c) * layer.weights_per_channel;
    for (std::size_t i = first; i < first + layer.weights_per_channel; ++i) {
      values[i] =
          static_cast<std::int8_t>(envelopes.best(layer.weights[i] * inverse, layer.is_negated(i)));
    }
  }
}

}  // namespace togglewise::compress
