// PowerPruning (R. Petri, G. L. Zhang, Y. Chen, U. Schlichtmann, B. Li, arXiv:2303.13997, 2023):
// one set of weight values for all layers, those whose energy is at or below a threshold, and 0.
// Energies know no layer: E(v) is the mean of the layers' E_l(v), each weighted by its MAC
// transitions (weights · output pixels). Weights take the nearest value of the set and go on
// training straight through.
//
// A value and its negative are in or out together, by the mean of their energies. In two's
// complement negative weights are much dearer: a threshold on single values leaves positive ones
// alone, and nothing can be learned with these (LeNet-5 on Fashion-MNIST: 10 % top-1 with 89
// values).
//
// The published flow begins with a conventionally pruned network, and lowers the threshold on top.
// Both ends are searched together here: the strength is the compression ratio of magnitude pruning
// (weights over weights kept), and the threshold is lowered along with it, such that
// 255·(kept share)^k values are left.
#pragma once

#include <vector>

#include "compress/select/selection_method.h"

namespace togglewise::compress {

struct PowerPruningParams {
  // k: of 0.5, 1 and 2 the one that saved most at equal drop (LeNet-5 on Fashion-MNIST).
  double set_exponent = 2.0;
  int smallest_set = 5;  // the threshold is not lowered further
};

// Femtojoules a transition, index v + 128.
std::vector<double> layer_agnostic_energy(const NetworkView& network);

// At most `count` values of −127..127, ascending: 0 and the pairs v, −v below a threshold. Of
// equally dear pairs the smaller comes first.
std::vector<int> cheapest_values(const std::vector<double>& energy_fj, int count);

class PowerPruning : public SelectionMethod {
 public:
  explicit PowerPruning(PowerPruningParams params = {}) : params_(params) {}

  std::string name() const override { return "powerpruning"; }
  StrengthRange strengths(const NetworkView& network, int threads) const override;
  double ramped(double ratio, double share) const override;
  double share_at(double ratio, double milder) const override;
  std::unique_ptr<const Selection> prepare(const NetworkView& network, double ratio) const override;
  // As soon as the ramp is over: the set is fixed from then on.
  double sets_after() const override { return 0.3; }
  std::vector<std::vector<int>> permitted_sets(const NetworkView& network, double ratio,
                                               int largest_set, int threads) const override;

  int set_size(double ratio) const;

 private:
  PowerPruningParams params_;
};

}  // namespace togglewise::compress
