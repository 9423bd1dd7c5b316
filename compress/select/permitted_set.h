// From a selection to the permitted set S_l of a layer: values that are hardly worth having are
// cut, one after the other, the least useful first.
#pragma once

#include <vector>

#include "compress/select/selection_method.h"

namespace togglewise::compress {

struct PermittedSetParams {
  // The cuts of a layer may raise its objective Σ F·s²·(w/s − v)² + μ·HW·E_l(v) by this share in
  // all.
  double negligible = 0.01;
  int largest_set = 0;  // cut on, whatever it costs, until no more values are left; 0: no limit
};

struct PermittedSetStats {
  std::size_t values_before = 0;
  std::size_t values_after = 0;
  double objective_before = 0;
  double objective_after = 0;
};

// The values that are left, ascending, at least one. A value's use is what the objective would rise
// by without it, every weight that has it moving to its second best.
std::vector<int> permitted_set(const LayerView& layer, double multiplier,
                               const PermittedSetParams& params,
                               PermittedSetStats* stats = nullptr);

}  // namespace togglewise::compress
