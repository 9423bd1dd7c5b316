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
    : cost_(cost),
      weights_(std::move(weights)),
      reduction_(cost.rows() / static_cast<std::size_t>(cost.groups)),
      sums_fj_(kWeightValues * kWeightValues, 0.0) {
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
  const float* row = row_of(index);
  return (static_cast<double>(row[weight_index(weight)]) -
          static_cast<double>(row[weight_index(weights_[index])])) *
         cost_.transitions_per_weight;
}

void LayerEvaluator::set_weight(std::size_t index, int weight) {
  add_weight(index, -1.0);
  weights_[index] = static_cast<std::int8_t>(weight);
  add_weight(index, 1.0);
}

const float* LayerEvaluator::row_of(std::size_t index) const {
  if (reduction_ == 0) return mean_fj_.data();
  const auto groups = static_cast<std::size_t>(cost_.groups);
  const std::size_t channels = weights_.size() / reduction_;
  const std::size_t channel = index / reduction_;
  const std::size_t row = channel * groups / channels * reduction_ + index % reduction_;
  return cost_.row_energy_fj.data() + row * kWeightValues;
}

void LayerEvaluator::add_weight(std::size_t index, double times) {
  const float* row = row_of(index);
  double* sums = sums_fj_.data() + weight_index(weights_[index]) * kWeightValues;
  for (std::size_t u = 0; u < kWeightValues; ++u) sums[u] += times * static_cast<double>(row[u]);
}

}  // namespace togglewise::energy
