// Quantization inside training: values are rounded on the way forward, and gradients pass as if
// they had not been (straight-through estimator, Bengio et al. 2013).
#pragma once

#include <torch/types.h>

namespace togglewise::compress {

// s·clamp(floor(x/s + ½), low, 127), low = 0 with `relu` and −128 without: the integer network's
// requantization (round half up) in real numbers. The gradient is passed where nothing was clamped.
torch::Tensor quantize_activation(const torch::Tensor& x, float scale, bool relu);

}  // namespace togglewise::compress
