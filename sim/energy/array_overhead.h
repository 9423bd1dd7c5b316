// Energy of the array around the MACs: weight loading, skew, deskew, accumulators, clock, leakage.
// The same for every fidelity, from exact toggle counts.
#pragma once

#include <vector>

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/energy/gating_measurement.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

struct WeightLoading {
  array::ToggleCounts toggles;   // weight and shadow registers
  double register_fj = 0;        // of these registers
  double mac_fj = 0;             // of the MACs' nets when their weight changes
  std::vector<double> stage_fj;  // of the circuits beside them, per set of gating options
};

// Per layer, sum over `images` images: the network's tiles are loaded in order, batch after batch,
// from weight registers that are zero. From the second batch on every batch costs the same. A
// change of weights is measured at zero activation and partial sum, as single-buffered weights make
// it. With double-buffered ones it coincides with the tile's first activation: fidelity `gate` has
// that transition in the PEs' own energy (GateMeasurement), the others count the change at zero and
// the activation's arrival.
std::vector<WeightLoading> weight_loading(const MacHardware& hardware,
                                          const network::Traces& traces, int images,
                                          const GatingSets& sets = {});

// Accumulators of one layer without fidelity `gate`: mean per image over the first `images` images
// of the trace (rounded up to whole batches), at gate level.
double accumulator_energy_per_image_fj(const MacHardware& hardware,
                                       const network::TracedLayer& layer, int images,
                                       int batch_size);

// Skew, deskew and the swap wave of double-buffered weights from their toggles; clock and leakage
// from the cycles of one batch.
void add_registers_and_clock(const MacHardware& hardware, const array::ToggleCounts& toggles,
                             int images, int batch_size, std::uint64_t cycles_per_batch,
                             EnergyBreakdown& per_image);

}  // namespace togglewise::energy
