#include "compress/select/power_pruning.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compress/select/magnitude.h"

namespace togglewise::compress {

namespace {

constexpr int all_values = 255;
constexpr MagnitudeScore score = MagnitudeScore::standard_deviation;

}  // namespace

std::vector<double> layer_agnostic_energy(const NetworkView& network) {
  std::vector<double> energy_fj(energy::kWeightValues, 0.0);
  double transitions = 0;
  for (const LayerView& layer : network) {
    const double of_layer = static_cast<double>(layer.weight_count()) * layer.output_pixels;
    transitions += of_layer;
    for (int v = -127; v <= 127; ++v) {
      energy_fj[energy::weight_index(v)] += of_layer * layer.cost->energy_of(v);
    }
  }
  for (double& e : energy_fj) e /= std::max(1.0, transitions);
  return energy_fj;
}

std::vector<int> cheapest_values(const std::vector<double>& energy_fj, int count) {
  std::vector<int> magnitudes;
  for (int v = 1; v <= 127; ++v) magnitudes.push_back(v);
  const auto of_pair = [&](int v) {
    return energy_fj[energy::weight_index(v)] + energy_fj[energy::weight_index(-v)];
  };
  std::stable_sort(magnitudes.begin(), magnitudes.end(),
                   [&](int a, int b) { return of_pair(a) < of_pair(b); });
  magnitudes.resize(static_cast<std::size_t>((std::clamp(count, 1, all_values) - 1) / 2));
  std::vector<int> values = {0};
  for (const int v : magnitudes) {
    values.push_back(v);
    values.push_back(-v);
  }
  std::sort(values.begin(), values.end());
  return values;
}

int PowerPruning::set_size(double ratio) const {
  const double kept = 1.0 - pruned_share(ratio);
  return std::max(params_.smallest_set,
                  static_cast<int>(std::lround(all_values * std::pow(kept, params_.set_exponent))));
}

double PowerPruning::ramped(double ratio, double share) const { return cubic_ramp(ratio, share); }

double PowerPruning::share_at(double ratio, double milder) const {
  return cubic_ramp_share(ratio, milder);
}

StrengthRange PowerPruning::strengths(const NetworkView& network, int threads) const {
  return Magnitude(score).strengths(network, threads);
}

std::unique_ptr<const Selection> PowerPruning::prepare(const NetworkView& network,
                                                       double ratio) const {
  const auto size = static_cast<std::size_t>(set_size(ratio));
  const bool limited = std::all_of(network.begin(), network.end(), [&](const LayerView& layer) {
    return layer.permitted->size() <= size;
  });
  // A set once fixed stays, also when energies are measured again and would give another one.
  std::vector<int> values;
  if (!limited) values = cheapest_values(layer_agnostic_energy(network), static_cast<int>(size));
  return std::make_unique<PrunedSelection>(
      magnitude_thresholds(network, pruned_share(ratio), score), std::move(values));
}

std::vector<std::vector<int>> PowerPruning::permitted_sets(const NetworkView& network, double ratio,
                                                           int largest_set, int /*threads*/) const {
  const int size = largest_set > 0 ? std::min(largest_set, set_size(ratio)) : set_size(ratio);
  const std::vector<int> values = cheapest_values(layer_agnostic_energy(network), size);
  std::vector<std::vector<int>> sets;
  for (const LayerView& layer : network) {
    sets.push_back(permitted_among(*layer.permitted, values));
    if (largest_set <= 0 || sets.back().size() <= static_cast<std::size_t>(largest_set)) continue;
    // Nothing of the set is permitted here (values given by hand): the cheapest of those that are.
    std::sort(sets.back().begin(), sets.back().end(), [&](int a, int b) {
      return std::make_pair(layer.cost->energy_of(a), a) <
             std::make_pair(layer.cost->energy_of(b), b);
    });
    sets.back().resize(static_cast<std::size_t>(largest_set));
    std::sort(sets.back().begin(), sets.back().end());
  }
  return sets;
}

}  // namespace togglewise::compress
