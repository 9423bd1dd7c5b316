// Operands for layers that have none: drawn at random from a stated distribution.
#pragma once

#include <cstdint>
#include <string>

#include "sim/network/traces.h"
#include "sim/topology/topology.h"

namespace togglewise::topology {

// Weights: a normal distribution rounded to whole numbers and clipped to ±(2^(bits−1) − 1).
// Activations: 0 with probability `zero_share`, else the absolute value of a normal distribution,
// rounded up to at least 1 and clipped to 2^(bits−1) − 1: what a ReLU leaves. Every value is drawn
// on its own; real networks have structure (neighbouring pixels, channels), so toggle counts of
// real operands differ.
struct SyntheticParams {
  int weight_bits = 8;
  int activation_bits = 8;
  double weight_sigma = 0.2;      // of the largest weight, 2^(bits−1) − 1
  double activation_sigma = 0.3;  // of the largest activation
  double zero_share = 0.5;
  int images = 1;
  std::uint64_t seed = 1;
};

// For result files: "synthetic operands (weights normal, sigma 25.4, …; seed 1)".
std::string describe(const SyntheticParams& params);

// Same parameters: same operands on every platform. Every layer has its own random stream, so a
// layer's operands do not depend on how many values others have. `synthetic` is set.
// Throws TW-TOPO-007 when the operands would need more than 8 GiB.
network::Traces synthetic_traces(const Topology& topology, const SyntheticParams& params);

}  // namespace togglewise::topology
