// Weight selection as a rate-distortion problem: every weight takes
//   argmin over v of (w/s − v)² + λ·E_l(v),   λ_{l,c} = μ·HW_l / (F_{l,c}·s_{l,c}²).
// F·s²·(w/s − v)² estimates what the move to v costs in loss (F: mean squared gradient, the
// diagonal Fisher information of the channel), HW·E_l(v) what the weight costs in energy for each
// image, μ how many units of loss a femtojoule is worth. One μ for the whole network makes layers
// that burn most give up most. Permitted sets fall out of it: values of negligible use are cut.
#pragma once

#include <vector>

#include "compress/select/permitted_set.h"
#include "compress/select/selection_method.h"

namespace togglewise::compress {

class RateDistortion : public SelectionMethod {
 public:
  std::string name() const override { return "rate-distortion"; }
  // Strengths are multipliers μ.
  StrengthRange strengths(const NetworkView& network, int threads) const override;
  // Of every channel the step, from half to twice the dense one, at which its weights cost least,
  // F·s²·(w/s − v)² + μ·HW·E_l(v): so that frequent weights fall on cheap values.
  void choose_scales(const LayerView& layer, double multiplier,
                     std::vector<float>& scale) const override;
  // Only from trials that are milder by a third or more: while a network is trained on at nearly
  // the same strength, the loss pulls weights back to dearer values (compress/README.md has
  // numbers).
  bool goes_on_from(double multiplier, double milder) const override {
    return milder <= multiplier * 2 / 3;
  }
  std::unique_ptr<const Selection> prepare(const NetworkView& network,
                                           double multiplier) const override;
  double sets_after() const override { return 0.6; }
  std::vector<std::vector<int>> permitted_sets(const NetworkView& network, double multiplier,
                                               int largest_set, int threads) const override;
};

// λ of one channel.
double channel_lambda(const LayerView& layer, int channel, double multiplier);

// argmin over v of (x − v)² + cost(v) for any x, as a function of x: (x − v)² + cost(v) =
// x² + (v² + cost(v) − 2·v·x), so the best v belongs to the lowest of one line for each v. The
// lower envelope of lines is found once for each channel; a weight is then a binary search.
class LowerEnvelope {
 public:
  // `values` ascending and not empty; `costs` of the same length.
  void build(const std::vector<int>& values, const std::vector<double>& costs);
  // The best value at `x`; the smaller one where two are equally good.
  int best(double x) const;

 private:
  std::vector<int> values_;          // values that are best somewhere, ascending
  std::vector<double> intercepts_;   // v² + cost(v)
  std::vector<double> breakpoints_;  // values_[i] is best up to breakpoints_[i]
};

}  // namespace togglewise::compress
