// Energy of the array around the MACs: weight loading, skew, deskew, accumulators, clock, leakage.
// The same for every fidelity, from exact toggle counts.
#pragma once

#include <vector>

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

struct WeightLoading {
  array::ToggleCounts toggles;  // weight and shadow registers
  double energy_fj = 0;         // registers, and the MACs' nets when their weight changes
};

// Per layer, sum over `images` images: the network's tiles are loaded in order, image after image,
// from weight registers that are zero. From the second image on every image costs the same.
std::vector<WeightLoading> weight_loading(const MacHardware& hardware,
                                          const network::Traces& traces, int images);

// Accumulators of one layer, mean per image over the first `images` images of the trace, at gate
// level.
double accumulator_energy_per_image_fj(const MacHardware& hardware,
                                       const network::TracedLayer& layer, int images);

// Skew and deskew from their toggles; clock and leakage from the cycles of one image.
void add_registers_and_clock(const MacHardware& hardware, const array::ToggleCounts& toggles,
                             int images, std::uint64_t cycles_per_image,
                             EnergyBreakdown& per_image);

}  // namespace togglewise::energy
