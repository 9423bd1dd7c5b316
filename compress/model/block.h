// Everything between a convolution and the next as one step of autograd: batch norm, residual sum,
// activation and rounding to the int8 grid.
#pragma once

#include <optional>
#include <vector>

#include <torch/types.h>

#include "compress/model/block_kernels.h"

namespace togglewise::compress {

struct BlockInput {
  // [image][channel][row][column], channels last: sums of products. z = factor[c]·x in real
  // numbers.
  torch::Tensor x;
  torch::Tensor gain;  // empty: no batch norm, and z is only shifted
  torch::Tensor bias;
  torch::Tensor residual;  // undefined: none
  std::vector<float> factor;
  // The result in units of the grid (1 in real numbers): y = (normalized z) / step.
  float step = 1;
  BlockRule rule;
  // Null: normalize by the batch's own mean and variance.
  const std::vector<float>* mean = nullptr;
  const std::vector<float>* variance = nullptr;
  bool measures = false;  // without batch norm: the batch's mean and variance all the same
};

struct BlockResult {
  torch::Tensor value;
  // What z was normalized by, or would be.
  std::vector<float> mean, variance;
};

// On CPUs the kernels of block_kernels.h, elsewhere block_of_operators().
BlockResult block(const BlockInput& input);

// The same, composed of libtorch's operators: for other devices, and to test block() against.
BlockResult block_of_operators(const BlockInput& input);

// clamp(round(factor·x), low, high), not rounded when `rounds` is false. The gradient passes where
// the result lies between the bounds (straight-through estimator). Composed of operators.
torch::Tensor rounded(const torch::Tensor& x, double factor, bool rounds, double low, double high);

}  // namespace togglewise::compress
