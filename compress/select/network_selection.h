// A selection applied to all layers of a network.
#pragma once

#include <cstdint>
#include <vector>

#include "compress/select/weight_selector.h"

namespace togglewise::compress {

// What of the layers does not change while weights are trained.
struct SelectionContext {
  struct Layer {
    std::string name;
    int output_pixels = 0;
    std::vector<float> scale;       // [channel]
    std::vector<double> curvature;  // [channel]
    energy::LayerCost cost;
    std::vector<int> permitted;  // ascending
  };
  std::vector<Layer> layers;
};

// −127..127: what symmetric int8 weights can be. −128, whose negative a column could not hold, is
// not among them.
std::vector<int> symmetric_values();

// The view of layer `l` whose weights lie at `weights`.
LayerView view_of(const SelectionContext& context, std::size_t l, const float* weights,
                  std::size_t weight_count);

// The values of all weights, in blocks of channels over threads. `weights[l]` points to the layer's
// real values, `values[l]` has their number of elements and receives the result.
void select_weights(const WeightSelector& selector, const SelectionContext& context,
                    const std::vector<const float*>& weights, double multiplier, int threads,
                    std::vector<std::vector<std::int8_t>>& values);

// Σ over layers of energy::layer_energy_fj: femtojoules per image at fidelity `layer`.
double selection_energy_fj(const SelectionContext& context,
                           const std::vector<std::vector<std::int8_t>>& values);

struct MultiplierBracket {
  double low = 0;
  double high = 0;
};

// Where to look for μ, without training: the multipliers at which the selection from `weights` as
// they are keeps `keep_at_low` and `keep_at_high` (shares, low > high) of the energy between that
// of μ = 0 and that of μ → ∞.
MultiplierBracket multiplier_bracket(const WeightSelector& selector,
                                     const SelectionContext& context,
                                     const std::vector<const float*>& weights,
                                     const std::vector<std::vector<std::int8_t>>& shape,
                                     double keep_at_low, double keep_at_high, int threads);

}  // namespace togglewise::compress
