// Greedy backward elimination of a layer's weight values, by energy saved for each unit of loss:
// the set of arXiv:2511.17123 (layer-wise weight selection), which takes one value after the other
// away, its weights moving to the nearest value left.
//
// The loss is measured with forward passes of the whole network where few values are left, and
// there for the most promising candidates. While there are many, a value's loss is estimated by the
// curvature, Σ F·s²·((w/s − v')² − (w/s − v)²): a hundred passes for every value that goes would
// take hours, and values that are hardly used differ by less than the measurement's noise.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "compress/select/selection_method.h"

namespace togglewise::compress {

struct GreedySetParams {
  int measured_from = 24;  // values left from which on losses are measured
  int shortlist = 4;       // candidates measured for each value that goes
};

// The network's loss when the layer's weights have these values.
using LossOfValues = std::function<double(const std::vector<std::int8_t>& values)>;

// One set for each of `sizes` (descending, above 0), ascending: the larger ones contain the smaller
// ones. Weights below the magnitude `threshold` are 0 and stay it; 0, or the permitted value
// nearest to it, is in every set. Values that no weight has go first. A set is smaller than asked
// for where fewer values are permitted or used.
std::vector<std::vector<int>> greedy_sets(const LayerView& layer, float threshold,
                                          const std::vector<int>& sizes, const LossOfValues& loss,
                                          const GreedySetParams& params = {});

}  // namespace togglewise::compress
