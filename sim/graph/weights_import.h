// Weights and biases of a graph in the order in which layers keep them.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/graph/draft.h"
#include "sim/graph/graph_import.h"

namespace togglewise::graph {

// Where the weight of output channel n and reduction index k lies in the constant.
struct WeightLayout {
  std::size_t outputs = 0;
  std::size_t reduction = 0;
  int output_axis = 0;           // of the constant, for its scales
  bool reduction_first = false;  // [k][n] instead of [n][k]
  std::vector<std::size_t>
      column;  // k as the graph counts it → k as the layer does; empty: the same
};

// Fills weights (real or int8) and sets a bias of zeros. Throws NodeProblem.
void set_weights(GraphImport& graph, Draft& draft, const Tensor& weights,
                 const WeightLayout& layout);

// One value for each output channel, or one for all; int32 behind DequantizeLinear stays exact.
// `factor` multiplies real values.
void set_bias(Draft& draft, const Tensor& bias, double factor);

// result = scale · result + shift for each output channel. Throws NodeProblem when the weights are
// int8 and a scale is not 1.
void fold_affine(Draft& draft, const std::vector<double>& scale, const std::vector<double>& shift);

}  // namespace togglewise::graph
