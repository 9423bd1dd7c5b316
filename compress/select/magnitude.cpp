#include "compress/select/magnitude.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "compress/select/network_selection.h"
#include "compress/select/permitted_set.h"
#include "sim/base/parallel.h"

namespace togglewise::compress {

namespace {

float standard_deviation(const LayerView& layer) {
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < layer.weight_count(); ++i) {
    sum += layer.weights[i];
    squares += static_cast<double>(layer.weights[i]) * layer.weights[i];
  }
  const double count = static_cast<double>(std::max<std::size_t>(1, layer.weight_count()));
  const double variance = squares / count - (sum / count) * (sum / count);
  return variance > 0 ? static_cast<float>(std::sqrt(variance)) : 1.0F;
}

std::vector<float> magnitudes_of(const LayerView& layer, bool in_steps) {
  std::vector<float> magnitudes(layer.weight_count());
  for (std::size_t i = 0; i < magnitudes.size(); ++i) {
    const std::size_t channel = i / static_cast<std::size_t>(layer.weights_per_channel);
    magnitudes[i] = std::fabs(layer.weights[i]);
    if (in_steps) magnitudes[i] /= layer.scale[channel];
  }
  return magnitudes;
}

// Scores of `magnitudes`, which are sorted first for LAMP.
std::vector<float> scores_of(const LayerView& layer, std::vector<float>& magnitudes,
                             MagnitudeScore score) {
  std::vector<float> scores = magnitudes;
  if (score == MagnitudeScore::standard_deviation) {
    const float inverse = 1.0F / standard_deviation(layer);
    for (float& value : scores) value *= inverse;
  } else if (score == MagnitudeScore::lamp) {
    std::sort(magnitudes.begin(), magnitudes.end());
    double not_smaller = 0;
    for (std::size_t i = magnitudes.size(); i-- > 0;) {
      const double square = static_cast<double>(magnitudes[i]) * magnitudes[i];
      not_smaller += square;
      scores[i] = not_smaller > 0 ? static_cast<float>(square / not_smaller) : 0.0F;
    }
  }
  return scores;
}

// Strengths to begin the search with: 40 % and 93 % of the weights pruned.
constexpr double lowest_ratio = 1.7;
constexpr double highest_ratio = 14.0;

}  // namespace

MagnitudeThresholds magnitude_thresholds(const NetworkView& network, double share,
                                         MagnitudeScore score) {
  MagnitudeThresholds result;
  result.in_steps = score == MagnitudeScore::steps;
  std::vector<std::vector<float>> magnitudes;
  std::vector<std::vector<float>> scores;
  std::vector<float> all;
  for (const LayerView& layer : network) {
    magnitudes.push_back(magnitudes_of(layer, result.in_steps));
    scores.push_back(scores_of(layer, magnitudes.back(), score));
    all.insert(all.end(), scores.back().begin(), scores.back().end());
  }
  const auto pruned = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * all.size());
  result.of_layer.assign(network.size(), 0.0F);
  if (pruned == 0) return result;
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(std::min(pruned, all.size() - 1));
  std::nth_element(all.begin(), last, all.end());
  for (std::size_t l = 0; l < network.size(); ++l) {
    // The smallest magnitude that is kept; scores grow with magnitudes.
    float threshold = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < scores[l].size(); ++i) {
      if (scores[l][i] >= *last) threshold = std::min(threshold, magnitudes[l][i]);
    }
    result.of_layer[l] = threshold;
  }
  return result;
}

float layer_threshold(const LayerView& layer, double share) {
  std::vector<float> magnitudes = magnitudes_of(layer, false);
  const auto pruned = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * magnitudes.size());
  if (pruned == 0) return 0.0F;
  const auto last =
      magnitudes.begin() + static_cast<std::ptrdiff_t>(std::min(pruned, magnitudes.size() - 1));
  std::nth_element(magnitudes.begin(), last, magnitudes.end());
  return *last;
}

std::vector<int> permitted_among(const std::vector<int>& permitted,
                                 const std::vector<int>& values) {
  std::vector<int> both;
  std::set_intersection(permitted.begin(), permitted.end(), values.begin(), values.end(),
                        std::back_inserter(both));
  return both.empty() ? permitted : both;
}

void PrunedSelection::select(const LayerView& part, std::size_t layer, std::int8_t* values) const {
  LayerView among = part;
  std::vector<int> both;
  if (!values_.empty()) {
    both = permitted_among(*part.permitted, values_);
    among.permitted = &both;
  }
  select_nearest(among, values);
  int zero = among.permitted->front();
  for (const int v : *among.permitted) {
    if (std::abs(v) < std::abs(zero)) zero = v;
  }
  const float threshold = thresholds_.of_layer[layer];
  const auto per_channel = static_cast<std::size_t>(part.weights_per_channel);
  for (std::size_t i = 0; i < part.weight_count(); ++i) {
    float magnitude = std::fabs(part.weights[i]);
    if (thresholds_.in_steps) magnitude /= part.scale[i / per_channel];
    if (magnitude < threshold) values[i] = static_cast<std::int8_t>(zero);
  }
}

std::vector<int> largest_useful_set(const LayerView& layer, const std::int8_t* chosen,
                                    int largest_set) {
  if (largest_set <= 0 || layer.permitted->size() <= static_cast<std::size_t>(largest_set)) {
    return *layer.permitted;
  }
  // The error of a cut is that against the values weights would have, not against weights that
  // have been pruned.
  std::vector<float> weights(layer.weight_count());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = chosen[i] * layer.scale[i / static_cast<std::size_t>(layer.weights_per_channel)];
  }
  LayerView as_chosen = layer;
  as_chosen.weights = weights.data();
  PermittedSetParams params;
  params.negligible = 0;
  params.largest_set = largest_set;
  return permitted_set(as_chosen, 0.0, params);
}

double pruned_share(double ratio) { return ratio > 1 ? 1.0 - 1.0 / ratio : 0.0; }

double ratio_of_pruned_share(double share) { return 1.0 / (1.0 - std::min(share, 0.9999)); }

double cubic_ramp(double ratio, double share) {
  const double left = 1.0 - share;
  return ratio_of_pruned_share(pruned_share(ratio) * (1.0 - left * left * left));
}

double cubic_ramp_share(double ratio, double milder) {
  return 1.0 - std::cbrt(1.0 - pruned_share(milder) / pruned_share(ratio));
}

StrengthRange Magnitude::strengths(const NetworkView& /*network*/, int /*threads*/) const {
  return {lowest_ratio, highest_ratio, true, {}};
}

std::unique_ptr<const Selection> Magnitude::prepare(const NetworkView& network,
                                                    double ratio) const {
  return std::make_unique<PrunedSelection>(
      magnitude_thresholds(network, pruned_share(ratio), score_));
}

std::vector<std::vector<int>> Magnitude::permitted_sets(const NetworkView& network, double ratio,
                                                        int largest_set, int threads) const {
  const std::vector<std::vector<std::int8_t>> chosen =
      select_weights(*prepare(network, ratio), network, threads);
  std::vector<std::vector<int>> sets(network.size());
  parallel_for(network.size(), threads, [&](std::size_t l) {
    sets[l] = largest_useful_set(network[l], chosen[l].data(), largest_set);
  });
  return sets;
}

}  // namespace togglewise::compress
