#include "compress/select/greedy_sets.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include "compress/select/magnitude.h"

namespace togglewise::compress {

namespace {

// What taking a value away does.
struct Effect {
  int value = 0;
  double saved_fj = 0;
  double loss = 0;  // estimated
};

// Energy for loss. A smaller set is worth something by itself, `share` of the layer's energy: else
// a value whose removal does no harm, and hardly changes the energy, would stay before one whose
// removal saves a little and ruins the network. What costs even more than that comes last, the
// dearest at the end.
double worth(double saved_fj, double share_fj, double loss) {
  const double least = std::numeric_limits<double>::min();
  const double gain = saved_fj + share_fj;
  return gain > 0 ? gain / std::max(loss, least) : gain * std::max(loss, least);
}

class Elimination {
 public:
  Elimination(const LayerView& layer, float threshold)
      : layer_(layer), values_(layer.weight_count()) {
    PrunedSelection({{threshold}, false}).select(layer, 0, values_.data());
    zero_ = layer.permitted->front();
    for (const int v : *layer.permitted) {
      if (std::abs(v) < std::abs(zero_)) zero_ = v;
    }
    members_[zero_];
    for (std::size_t i = 0; i < values_.size(); ++i) {
      // Pruned weights are no members: they stay where they are.
      if (std::fabs(layer.weights[i]) >= threshold) members_[values_[i]].push_back(i);
      share_fj_ += layer.output_pixels * layer.cost->energy_of(values_[i], layer.is_negated(i));
    }
    share_fj_ /= static_cast<double>(layer.permitted->size());
  }

  double worth_of(double saved_fj, double loss) const { return worth(saved_fj, share_fj_, loss); }

  std::size_t size() const { return members_.size(); }

  std::vector<int> left() const {
    std::vector<int> values;
    for (const auto& entry : members_) values.push_back(entry.first);
    return values;
  }

  // Of every value that may go, the most promising first.
  std::vector<Effect> effects() const {
    std::vector<Effect> all;
    for (const auto& entry : members_) {
      if (entry.first != zero_) all.push_back(effect_of(entry.first));
    }
    std::stable_sort(all.begin(), all.end(), [this](const Effect& a, const Effect& b) {
      return worth_of(a.saved_fj, a.loss) > worth_of(b.saved_fj, b.loss);
    });
    return all;
  }

  const std::vector<std::int8_t>& values() const { return values_; }

  std::vector<std::int8_t> values_without(int value) const {
    std::vector<std::int8_t> values = values_;
    for (const std::size_t i : members_.at(value)) {
      values[i] = static_cast<std::int8_t>(neighbour(i, value));
    }
    return values;
  }

  void remove(int value) {
    for (const std::size_t i : members_.at(value)) {
      const int next = neighbour(i, value);
      values_[i] = static_cast<std::int8_t>(next);
      members_.at(next).push_back(i);
    }
    members_.erase(value);
  }

 private:
  std::size_t channel_of(std::size_t weight) const {
    return weight / static_cast<std::size_t>(layer_.weights_per_channel);
  }

  double in_steps(std::size_t weight) const {
    return layer_.weights[weight] / layer_.scale[channel_of(weight)];
  }

  // The nearest value left beside `value`; the smaller one where two are as near.
  int neighbour(std::size_t weight, int value) const {
    const auto at = members_.find(value);
    const auto above = std::next(at);
    if (at == members_.begin()) return above->first;
    const int below = std::prev(at)->first;
    if (above == members_.end()) return below;
    const double x = in_steps(weight);
    return x - below <= above->first - x ? below : above->first;
  }

  Effect effect_of(int value) const {
    Effect effect;
    effect.value = value;
    for (const std::size_t i : members_.at(value)) {
      const int next = neighbour(i, value);
      const bool negated = layer_.is_negated(i);
      effect.saved_fj += layer_.output_pixels * (layer_.cost->energy_of(value, negated) -
                                                 layer_.cost->energy_of(next, negated));
      const std::size_t c = channel_of(i);
      const double x = in_steps(i);
      const double more = (x - next) * (x - next) - (x - value) * (x - value);
      effect.loss += layer_.curvature[c] * layer_.scale[c] * layer_.scale[c] * std::max(0.0, more);
    }
    return effect;
  }

  const LayerView& layer_;
  std::vector<std::int8_t> values_;  // of all weights
  int zero_ = 0;
  double share_fj_ = 0;  // of the layer's energy, for each value permitted at first
  std::map<int, std::vector<std::size_t>> members_;  // of every value left, pruned weights aside
};

// The candidate of the most energy for measured loss; `loss_now` becomes the loss without it.
int best_measured(const Elimination& elimination, const std::vector<Effect>& candidates,
                  const LossOfValues& loss, double& loss_now) {
  int best = candidates.front().value;
  double best_worth = 0;
  double best_loss = loss_now;
  for (const Effect& candidate : candidates) {
    const double then = loss(elimination.values_without(candidate.value));
    const double candidate_worth = elimination.worth_of(candidate.saved_fj, then - loss_now);
    if (&candidate == &candidates.front() || candidate_worth > best_worth) {
      best = candidate.value;
      best_worth = candidate_worth;
      best_loss = then;
    }
  }
  loss_now = best_loss;
  return best;
}

}  // namespace

std::vector<std::vector<int>> greedy_sets(const LayerView& layer, float threshold,
                                          const std::vector<int>& sizes, const LossOfValues& loss,
                                          const GreedySetParams& params) {
  Elimination elimination(layer, threshold);
  std::vector<std::vector<int>> sets;
  double loss_now = std::numeric_limits<double>::quiet_NaN();
  for (const int size : sizes) {
    while (elimination.size() > static_cast<std::size_t>(std::max(1, size))) {
      std::vector<Effect> effects = elimination.effects();
      if (elimination.size() > static_cast<std::size_t>(params.measured_from)) {
        elimination.remove(effects.front().value);
        continue;
      }
      if (std::isnan(loss_now)) loss_now = loss(elimination.values());
      effects.resize(std::min(effects.size(), static_cast<std::size_t>(params.shortlist)));
      elimination.remove(best_measured(elimination, effects, loss, loss_now));
    }
    sets.push_back(elimination.left());
  }
  return sets;
}

}  // namespace togglewise::compress
