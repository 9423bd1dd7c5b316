// A layer's energy with other weights, at once: what a selection of weights asks again and again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/energy/layer_cost.h"

namespace togglewise::energy {

// What every weight value becomes; index v + 128.
using WeightMap = std::array<std::int8_t, kWeightValues>;
WeightMap identity_map();
// Every value becomes the nearest one of `permitted` (not empty), of two the one nearer to zero.
WeightMap nearest_map(const std::vector<std::int8_t>& permitted);

// Answers what layer_energy_fj() answers, from sums made beforehand:
//   Q[v][u] = Σ over the rows of (weights of the row that are v) · E_l(row, u).
// Making it takes 256 additions per weight of the layer; 512 KiB.
class LayerEvaluator {
 public:
  // `cost` must outlive it; `weights` as layer_energy_fj takes them.
  LayerEvaluator(const LayerCost& cost, std::vector<std::int8_t> weights);

  const std::vector<std::int8_t>& weights() const { return weights_; }

  // Femtojoules per image with the weights as they are.
  double energy_fj() const { return energy_fj(identity_map()); }
  // With every weight v replaced by map[v]: 256 additions.
  double energy_fj(const WeightMap& map) const;
  // Σ over the weights that are v, if they became u.
  double energy_fj(int v, int u) const {
    return sums_fj_[weight_index(v) * kWeightValues + weight_index(u)] *
           cost_.transitions_per_weight;
  }
  // By how much the energy changes when weights()[index] becomes `weight`.
  double change_fj(std::size_t index, int weight) const;
  // Makes it so: 512 additions.
  void set_weight(std::size_t index, int weight);

 private:
  void add_weight(std::size_t index, double times);

  const LayerCost& cost_;
  std::vector<std::int8_t> weights_;
  std::array<float, kWeightValues> mean_fj_{};  // where rows are not known
  std::vector<double> sums_fj_;                 // [v][u]
};

}  // namespace togglewise::energy
