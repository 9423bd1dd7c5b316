// One float convolution or fully connected layer, computed by oneDNN.
#pragma once

#include <memory>

#include "sim/graph/float_network.h"

namespace togglewise::quantize {

// Computes a fixed number of images at a time, on the calling thread alone: the order of its sums,
// and so its result, does not depend on how many threads share the images. Refers to nothing of
// what it was made from; run() may be called from several threads at once.
class FloatGemm {
 public:
  FloatGemm(const network::GemmLayer& layer, const graph::FloatParameters& parameters, int images);
  ~FloatGemm();
  FloatGemm(FloatGemm&&) noexcept;
  FloatGemm& operator=(FloatGemm&&) noexcept;

  // [image][channel][row][column] → the same, with bias, not yet clamped.
  void run(const float* input, float* output) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace togglewise::quantize
