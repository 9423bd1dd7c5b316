// The layer-wise scheme of arXiv:2511.17123 by name: layers one after the other, by energy
// (compress/schedule/layerwise_schedule.h), each with a pruned share and a small set of values that
// greedy elimination finds (greedy_sets.h). The strength is the accuracy limit that the schedule
// keeps on its way, in points: the final fine-tuning wins part of what was given up back, so that
// the limit on the way is looser than the one on the result, and the search finds by how much.
#pragma once

#include "compress/select/selection_method.h"

namespace togglewise::compress {

class LayerwisePaper : public SelectionMethod {
 public:
  std::string name() const override { return "layerwise-paper"; }
  bool layer_by_layer() const override { return true; }
  StrengthRange strengths(const NetworkView& /*network*/, int /*threads*/) const override {
    return {0.5, 8.0, true, {}};
  }
  // Without the schedule: the nearest permitted values.
  std::unique_ptr<const Selection> prepare(const NetworkView& network,
                                           double limit_points) const override;
  double sets_after() const override { return 0.0; }
  std::vector<std::vector<int>> permitted_sets(const NetworkView& network, double limit_points,
                                               int largest_set, int threads) const override;
};

}  // namespace togglewise::compress
