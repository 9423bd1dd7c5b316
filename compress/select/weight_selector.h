// Which int8 value every weight of a layer takes. Users plug in their own selection here, one file
// each (rate_distortion.h is one).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/energy/layer_cost.h"

namespace togglewise::compress {

// What a selection sees of one layer, or of some channels of it. Weights are [channel][weight],
// real values.
struct LayerView {
  const float* weights = nullptr;
  int channels = 0;
  int weights_per_channel = 0;
  int output_pixels = 0;                    // HW_l: how often an image uses each weight
  const float* scale = nullptr;             // [channel] s: real value of one step
  const double* curvature = nullptr;        // [channel] F: mean squared gradient, > 0
  const energy::LayerCost* cost = nullptr;  // E_l(v)
  // [channel][weight]: 1 where the array holds the weight negated; null: nowhere.
  const std::uint8_t* negated = nullptr;
  const std::vector<int>* permitted = nullptr;  // ascending values to choose from, not empty

  bool is_negated(std::size_t weight) const { return negated != nullptr && negated[weight] != 0; }
};

class WeightSelector {
 public:
  virtual ~WeightSelector() = default;
  virtual std::string name() const = 0;

  // Writes one permitted value for every weight. `multiplier` (μ ≥ 0) is how much a femtojoule
  // weighs against distortion; 0 asks for the nearest values.
  virtual void select(const LayerView& layer, double multiplier, std::int8_t* values) const = 0;
};

}  // namespace togglewise::compress
