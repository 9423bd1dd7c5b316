// A network whose weights are not the calibrated one's: what tables have to stand when weights are
// selected.
#pragma once

#include "sim/network/traces.h"

namespace togglewise::study {

struct PruningParams {
  double sparsity = 0.8;  // of each layer
  int weight_bits = 8;
};

// Each layer's smallest magnitudes become zero (of equal ones the first in the file), `sparsity` of
// all its weights; the others become powers of two, the nearest in the logarithm, at most
// 2^(weight_bits − 2). The activations stay those of the network as it was: the operands are real,
// the accuracy is not looked at.
network::Traces pruned_to_powers_of_two(const network::Traces& traces, const PruningParams& params);

}  // namespace togglewise::study
