// Costs without any tables: toggled bits, times one and the bits of the weight's magnitude.
#pragma once

#include <cstdlib>

#include "sim/energy/energy_tables.h"
#include "sim/mapping/activation_costs.h"

namespace togglewise::mapping {

inline ActivationCosts hamming_costs(int activation_bits, bool negative_activations) {
  ActivationCosts costs;
  const int half = 1 << (activation_bits - 1);
  costs.lowest = negative_activations ? -half : 0;
  costs.values = half - costs.lowest;
  const unsigned mask = (1U << activation_bits) - 1U;
  for (int weight = -128; weight < 128; ++weight) {
    const int factor = 1 + __builtin_popcount(static_cast<unsigned>(std::abs(weight)));
    for (int a1 = costs.lowest; a1 < half; ++a1) {
      for (int a0 = costs.lowest; a0 < half; ++a0) {
        const int toggled = __builtin_popcount(static_cast<unsigned>(a0 ^ a1) & mask);
        costs.cost.push_back(static_cast<float>(factor * toggled));
      }
    }
  }
  return costs;
}

}  // namespace togglewise::mapping
