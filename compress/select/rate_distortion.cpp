#include "compress/select/rate_distortion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "compress/select/network_selection.h"
#include "sim/base/parallel.h"

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

class MultiplierSelection : public Selection {
 public:
  explicit MultiplierSelection(double multiplier) : multiplier_(multiplier) {}

  void select(const LayerView& part, std::size_t /*layer*/, std::int8_t* values) const override {
    for (int c = 0; c < part.channels; ++c) {
      ChannelEnvelopes envelopes(part, c, multiplier_);
      const double inverse = 1.0 / part.scale[c];
      const std::size_t first = static_cast<std::size_t>(c) * part.weights_per_channel;
      for (std::size_t i = first; i < first + part.weights_per_channel; ++i) {
        values[i] =
            static_cast<std::int8_t>(envelopes.best(part.weights[i] * inverse, part.is_negated(i)));
      }
    }
  }

 private:
  double multiplier_;
};

// What the channel costs in units of loss.
double channel_cost(const LayerView& layer, int channel, double multiplier) {
  ChannelEnvelopes envelopes(layer, channel, multiplier);
  const double s = layer.scale[channel];
  const double rate = multiplier * layer.output_pixels;
  const std::size_t first = static_cast<std::size_t>(channel) * layer.weights_per_channel;
  double cost = 0;
  for (std::size_t i = first; i < first + layer.weights_per_channel; ++i) {
    const int v = envelopes.best(layer.weights[i] / s, layer.is_negated(i));
    const double error = layer.weights[i] - s * v;
    cost += layer.curvature[channel] * error * error +
            rate * layer.cost->energy_of(v, layer.is_negated(i));
  }
  return cost;
}

// Steps that are tried on either side of the dense one, evenly in the logarithm, up to a factor 2.
constexpr int scale_steps = 8;

// Decades of μ that are searched; energies in femtojoules and losses of order one lie well inside.
constexpr double smallest_multiplier = 1e-24;
constexpr double largest_multiplier = 1e12;

// Shares of the energy that selection can influence, kept without training at either end of the
// range of μ.
constexpr double keep_at_low = 0.3;
constexpr double keep_at_high = 0.04;

}  // namespace

void RateDistortion::choose_scales(const LayerView& layer, double multiplier,
                                   std::vector<float>& scale) const {
  std::vector<float> tried_scale = scale;
  LayerView part = layer;
  part.scale = tried_scale.data();
  for (int c = 0; c < layer.channels; ++c) {
    double least = std::numeric_limits<double>::infinity();
    const float dense = scale[c];
    for (int step = -scale_steps; step <= scale_steps; ++step) {
      tried_scale[c] =
          static_cast<float>(dense * std::exp2(static_cast<double>(step) / scale_steps));
      const double cost = channel_cost(part, c, multiplier);
      if (cost >= least) continue;
      least = cost;
      scale[c] = tried_scale[c];
    }
  }
}

StrengthRange RateDistortion::strengths(const NetworkView& network, int threads) const {
  const auto energy_at = [&](double multiplier) {
    return selection_energy_fj(network,
                               select_weights(MultiplierSelection(multiplier), network, threads));
  };
  const double most = energy_at(0);
  const double least = energy_at(largest_multiplier);
  const auto multiplier_for = [&](double keep) {
    const double wanted = least + keep * (most - least);
    double low = std::log(smallest_multiplier);
    double high = std::log(largest_multiplier);
    for (int step = 0; step < 40; ++step) {
      const double middle = 0.5 * (low + high);
      (energy_at(std::exp(middle)) > wanted ? low : high) = middle;
    }
    return std::exp(0.5 * (low + high));
  };
  return {multiplier_for(keep_at_low), multiplier_for(keep_at_high), true, {}};
}

std::unique_ptr<const Selection> RateDistortion::prepare(const NetworkView& /*network*/,
                                                         double multiplier) const {
  return std::make_unique<MultiplierSelection>(multiplier);
}

std::vector<std::vector<int>> RateDistortion::permitted_sets(const NetworkView& network,
                                                             double multiplier, int largest_set,
                                                             int threads) const {
  PermittedSetParams params;
  params.largest_set = largest_set;
  std::vector<std::vector<int>> sets(network.size());
  parallel_for(network.size(), threads,
               [&](std::size_t l) { sets[l] = permitted_set(network[l], multiplier, params); });
  return sets;
}

}  // namespace togglewise::compress
