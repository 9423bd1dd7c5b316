// Magnitude pruning, the rival that knows nothing of energy: the smallest weights of the whole
// network become 0, the others take the nearest permitted value. The pruned share grows along a
// cubic (M. Zhu, S. Gupta, arXiv:1710.01878, 2017) while the strength is ramped; pruned weights
// keep learning straight through and may come back.
#pragma once

#include <vector>

#include "compress/select/selection_method.h"

namespace togglewise::compress {

// What makes weights of different layers comparable.
enum class MagnitudeScore {
  standard_deviation,  // |w| / standard deviation of its layer
  steps,               // |w| / s
  // w² over the sum of the layer's squares that are not smaller: what of the layer's norm goes
  // with it when weights go smallest first (LAMP: J. Lee et al., arXiv:2010.07611, 2020)
  lamp
};

// Below which magnitude the weights of a layer are pruned.
struct MagnitudeThresholds {
  std::vector<float> of_layer;
  bool in_steps = false;  // magnitudes are |w|/s, else |w|
};

// Such that `share` of all weights of the network lie below.
MagnitudeThresholds magnitude_thresholds(const NetworkView& network, double share,
                                         MagnitudeScore score);

// The magnitude |w| below which `share` of the layer's weights lie; 0 for none.
float layer_threshold(const LayerView& layer, double share);

// Weights below their layer's threshold become 0 (or the permitted value nearest to it); the others
// take the nearest permitted value. With `values`, only what is permitted and among these.
class PrunedSelection : public Selection {
 public:
  explicit PrunedSelection(MagnitudeThresholds thresholds, std::vector<int> values = {})
      : thresholds_(std::move(thresholds)), values_(std::move(values)) {}

  void select(const LayerView& part, std::size_t layer, std::int8_t* values) const override;

 private:
  MagnitudeThresholds thresholds_;
  std::vector<int> values_;
};

// The permitted values that are also among `values`, both ascending; all permitted ones where there
// are no such.
std::vector<int> permitted_among(const std::vector<int>& permitted, const std::vector<int>& values);

// For methods that have no view of their own on which values to keep: the layer's permitted values,
// cut down to `largest_set` (0: as many as there are), least useful first, when `chosen` are the
// values that its weights have.
std::vector<int> largest_useful_set(const LayerView& layer, const std::int8_t* chosen,
                                    int largest_set);

// Strengths are compression ratios: weights over weights that are not pruned.
double pruned_share(double ratio);
double ratio_of_pruned_share(double share);
// The ratio when ramping has come `share` of its way: a cubic of the pruned share.
double cubic_ramp(double ratio, double share);
// The share at which that is `milder`, a ratio below.
double cubic_ramp_share(double ratio, double milder);

class Magnitude : public SelectionMethod {
 public:
  explicit Magnitude(MagnitudeScore score = MagnitudeScore::standard_deviation) : score_(score) {}

  std::string name() const override { return "magnitude"; }
  StrengthRange strengths(const NetworkView& network, int threads) const override;
  double ramped(double ratio, double share) const override { return cubic_ramp(ratio, share); }
  double share_at(double ratio, double milder) const override {
    return cubic_ramp_share(ratio, milder);
  }
  std::unique_ptr<const Selection> prepare(const NetworkView& network, double ratio) const override;
  double sets_after() const override { return 0.6; }
  std::vector<std::vector<int>> permitted_sets(const NetworkView& network, double ratio,
                                               int largest_set, int threads) const override;

 private:
  MagnitudeScore score_;
};

}  // namespace togglewise::compress
