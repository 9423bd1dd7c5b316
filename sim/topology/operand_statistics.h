// Operands drawn from stated statistics, for users who know how their network's operands behave but
// cannot give the operands themselves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/network/traces.h"
#include "sim/topology/topology.h"

namespace togglewise::topology {

// Activations are what a ReLU leaves of a normal field: in each channel a field g of variance 1
// whose neighbours along rows and along columns have correlation `pixel_correlation`; the
// activation is 0 where g ≤ t, else spread · (g − t), rounded up to at least 1 and clipped. The
// threshold t belongs to `zero_share`; it differs from channel to channel with standard deviation
// `channel_spread`. Weights are normal, rounded, and 0 in `weight_zero_share` of the cases.
//
// The defaults are those of no particular network: half of the activations zero, as behind a ReLU.
struct OperandStatistics {
  double zero_share = 0.5;
  double activation_spread = 0.25;  // of g, in units of the largest activation
  double pixel_correlation = 0.7;
  double channel_spread = 0.5;
  // Whether the first layer sees g itself, with values below zero, as normalized images are.
  bool negative_first_layer = false;
  double weight_spread = 0.2;  // standard deviation, in units of the largest weight
  double weight_zero_share = 0;
  // Of the layers, where no topology gives them: inputs of a dot product.
  int reduction_length = 288;
};

// A YAML file with any of the members' names as keys. Throws TW-CFG-….
OperandStatistics read_operand_statistics(const std::filesystem::path& file);

// For result files: "drawn from statistics (50 % zeros, …; seed 1)".
std::string describe(const OperandStatistics& statistics, std::uint64_t seed);

// Four layers of `reduction_length`: 64 outputs on a map of 16×16 pixels.
Topology layers_of(const OperandStatistics& statistics);

struct StatisticalOperandParams {
  int weight_bits = 8;
  int activation_bits = 8;
  int images = 4;
  std::uint64_t seed = 1;
};

// Same arguments: same operands. `synthetic` is set. Throws TW-TOPO-007 when the operands would
// need more than 8 GiB.
network::Traces traces_from_statistics(const Topology& topology,
                                       const OperandStatistics& statistics,
                                       const StatisticalOperandParams& params);

}  // namespace togglewise::topology
