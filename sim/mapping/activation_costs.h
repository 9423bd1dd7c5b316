// What a PE spends when its activation changes, by the weight that it holds: what neighbours in the
// stream of output pixels cost each other. Partial sums, which depend on the rows above, are left
// out or averaged over.
#pragma once

#include <cstddef>
#include <vector>

namespace togglewise::energy {
struct EnergyTables;
}

namespace togglewise::mapping {

struct ActivationCosts {
  int lowest = 0;    // of the activations: 0, or −128 where some are negative (8 bits)
  int values = 128;  // from lowest on
  // [256][values][values], weight value + 128 first; symmetric in the activations: the mean of both
  // directions, so that a stream costs as much backwards.
  std::vector<float> cost;

  float of(int weight, int a0, int a1) const { return of_weight(weight)[index(a0) + row(a1)]; }
  const float* of_weight(int weight) const {
    return cost.data() + static_cast<std::size_t>(weight + 128) * static_cast<std::size_t>(values) *
                             static_cast<std::size_t>(values);
  }
  std::size_t index(int activation) const { return static_cast<std::size_t>(activation - lowest); }
  std::size_t row(int activation) const {
    return index(activation) * static_cast<std::size_t>(values);
  }
};

// From a calibration, femtojoules: a table's energy for (w, a0, a1), what depends on partial sums
// being averaged over those that calibration met with that weight and those activations. Any
// grouping will do; by operands (T1[w][a0][a1]) says most.
ActivationCosts energy_costs(const energy::EnergyTables& tables);

}  // namespace togglewise::mapping
