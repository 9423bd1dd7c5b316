// What the weight selection needs to know of energy: one number per layer and weight value.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/array/tile.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/transition_histogram.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

// E_l(v): dynamic energy of one MAC transition in a PE of layer l that holds weight v, averaged
// over the layer's own activation and partial-sum statistics (fidelity `layer`, the paper's model).
struct LayerCost {
  std::string layer;
  std::array<double, kWeightValues> energy_fj{};  // per transition; index v + 128
  // Per image: output pixels + 1 / batch size, the way in from zero and back to zero included.
  double transitions_per_weight = 0;

  double energy_of(int weight) const { return energy_fj[weight_index(weight)]; }
};

// E_l(v) = Σ_k H_l(k)·T[v][k] / Σ_k H_l(k), H_l(k) the number of the layer's transitions in cell k,
// whatever weight the PE holds.
LayerCost layer_cost(const std::string& layer, const EnergyTables& tables,
                     const TransitionHistogram& histogram, double transitions_per_weight);

// All transitions of a traced layer on an array of `shape`; the same for any number of threads.
TransitionHistogram layer_histogram(const TransitionGrouping& grouping,
                                    const array::ArrayShape& shape,
                                    const network::TracedLayer& layer, int batch_size, int threads);

// One cost per traced layer.
std::vector<LayerCost> layer_costs(const EnergyTables& tables, const array::ArrayShape& shape,
                                   const network::Traces& traces, int threads);

// Σ over the weights of E_l(w) · transitions_per_weight: femtojoules per image, MAC dynamic.
double layer_energy_fj(const LayerCost& cost, const std::vector<std::int8_t>& weights);

}  // namespace togglewise::energy
