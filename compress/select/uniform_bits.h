// Fewer bits everywhere: whole numbers −(2^(b−1)−1)..2^(b−1)−1 of b = 7, 6, 5 or 4 bits, with
// steps that are as much larger. Small numbers switch little, so this saves energy without knowing
// of it. Each channel's step is the one of least squared error: with few bits it pays to clip the
// largest weights.
#pragma once

#include <vector>

#include "compress/select/selection_method.h"

namespace togglewise::compress {

class UniformBits : public SelectionMethod {
 public:
  std::string name() const override { return "uniform-bits"; }
  // Strengths are the bits that are taken away: 1, 2, 3, 4.
  StrengthRange strengths(const NetworkView& network, int threads) const override;
  void choose_scales(const LayerView& layer, double bits_less,
                     std::vector<float>& scale) const override;
  // From the first step on: scales cannot grow with the strength.
  double ramped(double bits_less, double /*share*/) const override { return bits_less; }
  std::unique_ptr<const Selection> prepare(const NetworkView& network,
                                           double bits_less) const override;
  double sets_after() const override { return 0.0; }
  std::vector<std::vector<int>> permitted_sets(const NetworkView& network, double bits_less,
                                               int largest_set, int threads) const override;
};

// The values of so many bits, ascending.
std::vector<int> values_of_bits(int bits);

// The step of least squared error for `count` weights and whole numbers up to `largest`, among
// steps between `step`·largest_magnitude clipped to a quarter and not clipped at all; `step` is the
// one that does not clip.
float least_error_step(const float* weights, int count, int largest, float step);

}  // namespace togglewise::compress
