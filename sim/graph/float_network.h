// A float network after import: constants folded, batch norm folded, activations attached.
#pragma once

#include <limits>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::graph {

// What a node of the geometry lacks. Weights and bias as in GemmLayer, real values; empty for other
// operations. `low` and `high` clamp the result (ReLU: 0 and infinity); they also stand on Add and
// Clamp.
struct FloatParameters {
  std::vector<float> weights;
  std::vector<float> bias;
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

struct FloatNetwork {
  // Nodes, sizes and names. Integer weights, scales and clamps are unset; the normalization is set
  // where the graph began with it (Sub, Mul, Div by constants on the input).
  network::QuantizedNetwork geometry;
  std::vector<FloatParameters> parameters;  // one for each of geometry.nodes
};

}  // namespace togglewise::graph
