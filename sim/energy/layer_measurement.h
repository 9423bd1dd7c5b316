// What a layer's operand streams give, and the layer's energy made of it.
#pragma once

#include <cstdint>

#include "sim/array/tile_streams.h"
#include "sim/energy/array_overhead.h"
#include "sim/energy/gate_measurement.h"
#include "sim/energy/network_energy.h"
#include "sim/energy/transition_histogram.h"

namespace togglewise::energy {

// Integers only: the order in which tiles and images are added does not matter.
struct LayerMeasurement {
  // `grouping` is null at fidelity gate; it decides what is measured besides toggles.
  LayerMeasurement(const MacHardware& hardware, const TransitionGrouping* grouping);

  array::ToggleCounts toggles;  // without weight loading
  GateTally gate;
  TransitionHistogram histogram;
  std::uint64_t chunks = 0;  // how often each tile of the layer was added

  LayerMeasurement& operator+=(const LayerMeasurement& other);
};

void measure_streams(const MacHardware& hardware, const TransitionGrouping* grouping,
                     const array::TileStreams& streams, LayerMeasurement& measurement);

// Everything known of a layer after `images` images have been measured.
LayerEnergy finish_layer(const MacHardware& hardware, const network::TracedLayer& traced,
                         Fidelity fidelity, const EnergyTables* tables,
                         const LayerMeasurement& measurement, const WeightLoading& loading,
                         int images, int batch_size);

}  // namespace togglewise::energy
