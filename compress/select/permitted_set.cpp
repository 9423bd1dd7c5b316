#include "compress/select/permitted_set.h"

#include <array>
#include <limits>

namespace togglewise::compress {

namespace {

// The layer's weights, each with the value it takes among those still active.
class Assignment {
 public:
  Assignment(const LayerView& layer, double multiplier) : layer_(layer), active_(*layer.permitted) {
    for (const int v : active_) {
      for (const bool negated : {false, true}) {
        rate_[negated ? 1 : 0][index(v)] =
            multiplier * layer.output_pixels * layer.cost->energy_of(v, negated);
      }
    }
    const std::size_t weights =
        static_cast<std::size_t>(layer.channels) * layer.weights_per_channel;
    for (std::size_t i = 0; i < weights; ++i) {
      const int v = best(i, no_value);
      members_[index(v)].push_back(i);
      objective_ += cost(i, v);
    }
  }

  const std::vector<int>& active() const { return active_; }
  double objective() const { return objective_; }

  // What the objective rises by when `value` goes.
  double increase_without(int value) const {
    double increase = 0;
    for (const std::size_t i : members_[index(value)]) {
      increase += cost(i, best(i, value)) - cost(i, value);
    }
    return increase;
  }

  void remove(int value, double increase) {
    std::vector<std::size_t> moved;
    moved.swap(members_[index(value)]);
    for (const std::size_t i : moved) members_[index(best(i, value))].push_back(i);
    for (std::size_t k = 0; k < active_.size(); ++k) {
      if (active_[k] == value) active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(k));
    }
    objective_ += increase;
  }

  static std::size_t index(int value) { return static_cast<std::size_t>(value + 128); }

 private:
  static constexpr int no_value = 1000;

  double cost(std::size_t weight, int value) const {
    const std::size_t channel = weight / static_cast<std::size_t>(layer_.weights_per_channel);
    const double error =
        layer_.weights[weight] - static_cast<double>(layer_.scale[channel]) * value;
    return layer_.curvature[channel] * error * error +
           rate_[layer_.is_negated(weight) ? 1 : 0][index(value)];
  }

  int best(std::size_t weight, int excluded) const {
    int chosen = no_value;
    double lowest = std::numeric_limits<double>::infinity();
    for (const int v : active_) {
      if (v == excluded) continue;
      const double c = cost(weight, v);
      if (c < lowest) {
        lowest = c;
        chosen = v;
      }
    }
    return chosen;
  }

  const LayerView& layer_;
  std::vector<int> active_;
  // μ·HW·E(v), of weights that are held as they are and of those held negated.
  std::array<std::array<double, 256>, 2> rate_{};
  std::array<std::vector<std::size_t>, 256> members_;
  double objective_ = 0;
};

}  // namespace

std::vector<int> permitted_set(const LayerView& layer, double multiplier,
                               const PermittedSetParams& params, PermittedSetStats* stats) {
  Assignment assignment(layer, multiplier);
  const double start = assignment.objective();
  const double limit = start * (1.0 + params.negligible);
  if (stats != nullptr) {
    stats->values_before = assignment.active().size();
    stats->objective_before = start;
  }

  // An increase only grows while other values are cut (fewer alternatives, more members), so an old
  // one is a lower bound and only the smallest bound has to be brought up to date.
  std::array<double, 256> bound{};
  std::array<bool, 256> current{};
  while (assignment.active().size() > 1) {
    int candidate = assignment.active().front();
    for (const int v : assignment.active()) {
      if (bound[Assignment::index(v)] < bound[Assignment::index(candidate)]) candidate = v;
    }
    const std::size_t k = Assignment::index(candidate);
    if (!current[k]) {
      bound[k] = assignment.increase_without(candidate);
      current[k] = true;
      continue;
    }
    const bool too_many = params.largest_set > 0 &&
                          assignment.active().size() > static_cast<std::size_t>(params.largest_set);
    if (!too_many && assignment.objective() + bound[k] > limit) break;
    assignment.remove(candidate, bound[k]);
    current.fill(false);
  }
  if (stats != nullptr) {
    stats->values_after = assignment.active().size();
    stats->objective_after = assignment.objective();
  }
  return assignment.active();
}

}  // namespace togglewise::compress
