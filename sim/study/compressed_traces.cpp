#include "sim/study/compressed_traces.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace togglewise::study {
namespace {

std::int8_t nearest_power_of_two(int weight, int weight_bits) {
  if (weight == 0) return 0;
  const auto exponent = static_cast<int>(std::lround(std::log2(std::abs(weight))));
  const int magnitude = 1 << std::min(exponent, weight_bits - 2);
  return static_cast<std::int8_t>(weight < 0 ? -magnitude : magnitude);
}

void prune(const PruningParams& params, std::vector<std::int8_t>& weights) {
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(weights[a]) < std::abs(weights[b]);
  });
  const auto zeros =
      static_cast<std::size_t>(params.sparsity * static_cast<double>(weights.size()));
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::int8_t& weight = weights[order[i]];
    weight = i < zeros ? std::int8_t{0} : nearest_power_of_two(weight, params.weight_bits);
  }
}

}  // namespace

network::Traces pruned_to_powers_of_two(const network::Traces& traces,
                                        const PruningParams& params) {
  network::Traces pruned = traces;
  for (network::TracedLayer& traced : pruned.layers) prune(params, traced.layer.weights);
  return pruned;
}

}  // namespace togglewise::study
