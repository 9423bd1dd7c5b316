// What a layer's operand streams give, and the layer's energy made of it.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/array/tile_streams.h"
#include "sim/array/toggle_sequence.h"
#include "sim/energy/array_overhead.h"
#include "sim/energy/gate_measurement.h"
#include "sim/energy/gating_energy.h"
#include "sim/energy/gating_measurement.h"
#include "sim/energy/image_sample.h"
#include "sim/energy/layer_statistics.h"
#include "sim/energy/network_energy.h"
#include "sim/energy/table_lookup.h"

namespace togglewise::energy {

// Integers only, and sums of one batch's own: the order in which images are added does not matter.
struct LayerMeasurement {
  LayerMeasurement(const MacHardware& hardware, Fidelity fidelity, const network::GemmShape& gemm,
                   const GatingSets& sets = {});

  array::ToggleCounts toggles;  // without weight loading
  GateTally gate;               // at fidelity gate
  TableTally table;             // at fidelity table; at fidelity layer only the idle PEs
  LayerStatistics statistics;   // at fidelity layer; otherwise without rows
  ImageSample image_sample;     // for the spread over images
  GatingTally gating;           // of the sets that are measured

  LayerMeasurement& operator+=(const LayerMeasurement& other);
};

// Measures a layer's tiles one behind the other, for some batches of images.
class TileMeasurement {
 public:
  // `lookup` is null at fidelity gate; the rest as GateMeasurement takes it.
  TileMeasurement(const MacHardware& hardware, Fidelity fidelity, const TableLookup* lookup,
                  ArrayWeights weights_before, bool first_batch, bool for_gating = false);

  // The next tile, on at most `threads` threads.
  void add(const network::MappedTile& tile, int reduction, const array::TileStreams& streams,
           int threads, LayerMeasurement& measurement);

 private:
  const MacHardware& hardware_;
  Fidelity fidelity_;
  const TableLookup* lookup_;
  array::TileSequence sequence_;
  std::optional<GateMeasurement> gate_;
};

// What the weight registers hold when a batch (but the first one) begins with layer `l`: the last
// tile of the layer before, or of the network.
ArrayWeights weights_before_layer(const MacHardware& hardware, const network::Traces& traces,
                                  std::size_t l);

// Where the tile lay that ran before layer `l`'s first one, in the same way.
array::ClockCounter::Place place_before_layer(const MacHardware& hardware,
                                              const network::Traces& traces, std::size_t l);

// Everything known of a layer after `images` images have been measured.
LayerEnergy finish_layer(const MacHardware& hardware, const network::TracedLayer& traced,
                         Fidelity fidelity, const EnergyTables* tables,
                         const LayerMeasurement& measurement, const WeightLoading& loading,
                         int images, int batch_size);

// The same on hardware with set `set` of those that were measured; `ungated` is what finish_layer()
// gave.
LayerEnergy finish_gated_layer(const MacHardware& hardware, Fidelity fidelity,
                               const EnergyTables* tables, const LayerMeasurement& measurement,
                               const WeightLoading& loading, const GatingSets& sets,
                               std::size_t set, int images, int batch_size,
                               const LayerEnergy& ungated);

}  // namespace togglewise::energy
