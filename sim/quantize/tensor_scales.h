// Which tensors share a scale, what their integers may be, and the scales.
#pragma once

#include <vector>

#include "sim/quantize/calibration.h"
#include "sim/quantize/quantizer.h"

namespace togglewise::quantize {

// Tensors are indices of float nodes, or network_input. MaxPool, Slice, Pad, Clamp and Flatten hand
// the scale of their input on; the tensor where a scale begins is its owner, and the scale is
// chosen on the owner's values.
class TensorScales {
 public:
  TensorScales(const graph::FloatNetwork& network, const Calibration& calibration,
               int activation_bits, ScaleRule rule);

  float of(int tensor) const { return scales_[at(owner(tensor))]; }
  int owner(int tensor) const { return owners_[at(tensor)]; }
  // −2^(bits−1) … 2^(bits−1)−1, with the activation bits where a layer reads the values, else 8.
  IntegerRange range_of(int tensor) const { return ranges_[at(owner(tensor))]; }
  // The network's last node, when it is a layer without clamp: it stays in accumulators.
  bool is_accumulators(int tensor) const { return tensor == accumulators_; }

 private:
  static std::size_t at(int tensor) { return static_cast<std::size_t>(tensor + 1); }

  std::vector<int> owners_;           // [tensor + 1]
  std::vector<IntegerRange> ranges_;  // of owners
  std::vector<float> scales_;         // of owners
  int accumulators_ = network::network_input - 1;
};

// The scales with their names and signal-to-noise ratios, in order.
std::vector<TensorScale> describe(const TensorScales& scales, const graph::FloatNetwork& network,
                                  const Calibration& calibration);

}  // namespace togglewise::quantize
