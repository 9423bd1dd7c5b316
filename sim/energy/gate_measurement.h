// Fidelity `gate`: every transition of a tile through the synthesized netlist.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/energy/energy_sum.h"
#include "sim/energy/mac_hardware.h"
#include "sim/gate/netlist_engine.h"
#include "sim/network/tiling.h"

namespace togglewise::energy {

// Toggles of the MACs' and accumulators' nets, as integers: sums do not depend on their order.
struct GateTally {
  explicit GateTally(const MacHardware& hardware);

  gate::ToggleTally active;        // PEs that hold a weight of the layer
  gate::ToggleTally idle_columns;  // PEs right of the used columns
  gate::ToggleTally idle_rows;     // PEs below the used rows
  // Where gating is measured: the PEs right beside the used columns, and active PEs with a weight
  // of 0 as if no activation reached them.
  gate::ToggleTally first_idle_column;
  gate::ToggleTally zero_weight_quiet;
  gate::NetlistEngine::Tally accumulators;
  gate::NetlistEngine::Tally subtracting_accumulators;  // of arrays with negated columns
  // Double-buffered weights: what the PEs' way from one tile into the next costs beyond the tiles'
  // own streams, which begin and end with zeros. A transition counts for the tile that arrives.
  EnergySum joined_active;
  EnergySum joined_idle_columns;
  EnergySum joined_idle_rows;

  // What the accumulators of a tile's column do while `partial_sum` leaves it: `sum` becomes
  // `next`.
  void accumulate(const MacHardware& hardware, const array::TileStreams& streams, int column,
                  const gate::BitPlanes& partial_sum, const gate::BitPlanes& sum,
                  gate::BitPlanes& next);
  double accumulator_fj(const MacHardware& hardware) const;

  GateTally& operator+=(const GateTally& other);
};

// What a column block's accumulators hold before its first tile, per used column.
std::vector<gate::BitPlanes> accumulator_start(const network::MappedTile& tile, std::size_t cycles);

// What the array's weight registers hold, [row][column].
using ArrayWeights = std::vector<std::int8_t>;
ArrayWeights array_weights(const array::ArrayShape& shape, const array::TileStreams& streams);

// Puts the tiles of a layer through the gates, one behind the other: the partial sums that leave
// one row enter the next, and those that leave the array enter the accumulators, which hold what
// the reduction's tiles before left for the same output pixels.
class GateMeasurement {
 public:
  // `weights_before` is what the weight registers hold when a batch begins; a measurement that
  // begins with the network's `first_batch` finds zeros there instead. Only double-buffered weights
  // need to know: the registers switch while the data path works.
  GateMeasurement(const MacHardware& hardware, ArrayWeights weights_before, bool first_batch,
                  bool for_gating = false);

  // The next tile. Its columns are shared over at most `threads` threads.
  void add(const network::MappedTile& tile, const array::TileStreams& streams, int threads,
           GateTally& tally);

 private:
  void add_columns(const array::TileStreams& streams,
                   const std::vector<gate::BitPlanes>& activations, int begin, int end,
                   GateTally& tally);
  void add_idle_columns(const array::TileStreams& streams,
                        const std::vector<gate::BitPlanes>& activations, GateTally& tally) const;
  void join(const array::TileStreams& streams, GateTally& tally);

  const MacHardware& hardware_;
  ArrayWeights weights_before_;
  bool first_batch_;
  bool for_gating_;
  std::vector<gate::BitPlanes> sums_;  // per column: what its accumulator has summed up
  std::optional<array::TileStreams> before_;
};

// The MAC part of a breakdown (components of active PEs, idle columns and rows) and the
// accumulators, sum over all images.
EnergyBreakdown gate_energy(const MacHardware& hardware, const GateTally& tally);

}  // namespace togglewise::energy
