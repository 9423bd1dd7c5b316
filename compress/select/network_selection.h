// A selection applied to all layers of a network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compress/select/selection_method.h"

namespace togglewise::compress {

// What of the layers changes seldom while weights are trained.
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

// The view of a network whose layer l has its real values at `weights[l]`, `counts[l]` of them.
NetworkView view_of(const SelectionContext& context, const std::vector<const float*>& weights,
                    const std::vector<std::size_t>& counts);

// The values of all weights [layer][weight], in blocks of channels over threads.
std::vector<std::vector<std::int8_t>> select_weights(const Selection& selection,
                                                     const NetworkView& network, int threads);

// Σ over layers of energy::layer_energy_fj: femtojoules per image at fidelity `layer`.
double selection_energy_fj(const NetworkView& network,
                           const std::vector<std::vector<std::int8_t>>& values);

}  // namespace togglewise::compress
