// Fidelity `gate`: every transition of a tile through the synthesized netlist.
#pragma once

#include "sim/array/tile_streams.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/energy/mac_hardware.h"

namespace togglewise::energy {

// Toggles of the MAC's nets, as integers: sums do not depend on their order.
struct GateTally {
  explicit GateTally(const MacHardware& hardware);

  gate::ToggleTally active;        // PEs that hold a weight of the layer
  gate::ToggleTally idle_columns;  // PEs right of the used columns
  gate::ToggleTally idle_rows;     // PEs below the used rows

  GateTally& operator+=(const GateTally& other);
};

// Puts every PE of a tile through the gate engine: the partial sums that leave one row enter the
// next.
void measure_tile(const MacHardware& hardware, const array::TileStreams& streams, GateTally& tally);

// The MAC part of a breakdown (components of active PEs, idle columns and rows), sum over all
// images.
EnergyBreakdown gate_energy(const MacHardware& hardware, const GateTally& tally);

}  // namespace togglewise::energy
