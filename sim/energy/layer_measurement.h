// What a layer's operand streams give, and the layer's energy made of it.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/array/tile_streams.h"
#include "sim/array/toggle_sequence.h"
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

// Measures a layer's tiles one behind the other, for some batches of images.
class TileMeasurement {
 public:
  // `grouping` as above; the rest as GateMeasurement takes it.
  TileMeasurement(const MacHardware& hardware, const TransitionGrouping* grouping,
                  ArrayWeights weights_before, bool first_batch);

  // The next tile, on at most `threads` threads.
  void add(const network::TileRange& range, const array::TileStreams& streams, int threads,
           LayerMeasurement& measurement);

 private:
  const MacHardware& hardware_;
  const TransitionGrouping* grouping_;
  array::TileSequence sequence_;
  std::optional<GateMeasurement> gate_;
};

// What the weight registers hold when a batch (but the first one) begins with layer `l`: the last
// tile of the layer before, or of the network.
ArrayWeights weights_before_layer(const MacHardware& hardware, const network::Traces& traces,
                                  std::size_t l);

// Everything known of a layer after `images` images have been measured.
LayerEnergy finish_layer(const MacHardware& hardware, const network::TracedLayer& traced,
                         Fidelity fidelity, const EnergyTables* tables,
                         const LayerMeasurement& measurement, const WeightLoading& loading,
                         int images, int batch_size);

}  // namespace togglewise::energy
