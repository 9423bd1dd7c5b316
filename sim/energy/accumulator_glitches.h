// What glitches add to the energy of accumulators.
#pragma once

#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

// Energy with glitches over energy of settled values, of the layer's accumulators on a sample: two
// columns, every K tile, the first cycles of the first image. 1 without glitch-aware timing.
// Accumulators are one circuit a column; their settled energy is known for every cycle
// (gate_measurement.h), and the event-driven engine is fast enough for a sample of the rest.
double accumulator_glitch_factor(const MacHardware& hardware, const network::TracedLayer& layer,
                                 int batch_size);

}  // namespace togglewise::energy
