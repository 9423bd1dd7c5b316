#include "sim/energy/layer_evaluator.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace togglewise::energy {

WeightMap identity_map() {
  WeightMap map{};
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    map[w] = static_cast<std::int8_t>(static_cast<int>(w) - 128);
  }
  return map;
}

WeightMap nearest_map(const std::vector<std::int8_t>& permitted) {
  WeightMap map{};
  for (int v = -128; v < 128; ++v) {
    const auto key = [v](int u) { return std::pair(std::abs(u - v), std::abs(u)); };
    map[weight_index(v)] =
        *std::min_element(permitted.begin(), permitted.end(),
                          [&](std::int8_t a, std::int8_t b) { return key(a) < key(b); });
  }
  return map;
}

LayerEvaluator::LayerEvaluator(const LayerCost& cost, std::vector<std::int8_t> weights)
    : cost_(cost), weights_(std::move(weights)), sums_fj_(kWeightValues * kWeightValues, 0.0) {
  std::transform(cost.energy_fj.begin(), cost.energy_fj.end(), mean_fj_.begin(),
                 [](double fj) { return static_cast<float>(fj); });
  for (std::size_t i = 0; i < weights_.size(); ++i) add_weight(i, 1.0);
}

double LayerEvaluator::energy_fj(const WeightMap& map) const {
  double sum = 0;
  for (std::size_t v = 0; v < kWeightValues; ++v) {
    sum += sums_fj_[v * kWeightValues + weight_index(map[v])];
  }
  return sum * cost_.transitions_per_weight;
}

double LayerEvaluator::change_fj(std::size_t index, int weight) const {
  return (cost_.energy_of_weight(index, weights_.size(), weight) -
          cost_.energy_of_weight(index, weights_.size(), weights_[index])) *
         cost_.transitions_per_weight;
}

void LayerEvaluator::set_weight(std::size_t index, int weight) {
  add_weight(index, -1.0);
  weights_[index] = static_cast<std::int8_t>(weight);
  add_weight(index, 1.0);
}

void LayerEvaluator::add_weight(std::size_t index, double times) {
  const float* row =
      cost_.row_energy_fj.empty()
          ? mean_fj_.data()
          : cost_.row_energy_fj.data() + cost_.row_of(index, weights_.size()) * kWeightValues;
  double* sums = sums_fj_.data() + weight_index(weights_[index]) * kWeightValues;
  if (cost_.held(index, 1) == 1) {
    for (std::size_t u = 0; u < kWeightValues; ++u) sums[u] += times * static_cast<double>(row[u]);
    return;
  }
  for (std::size_t u = 1; u < kWeightValues; ++u) {
    sums[u] += times * static_cast<double>(row[kWeightValues - u]);
  }
  sums[0] += times * static_cast<double>(row[kWeightValues - 1]);  // −128 has no negative
}

}  // namespace togglewise::energy
