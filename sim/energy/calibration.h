// Fills energy tables: gate-level energies of transitions sampled from real operand streams.
#pragma once

#include <cstdint>

#include "sim/base/progress.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

struct CalibrationParams {
  // Per weight value. Many short streams from different PEs beat few long ones.
  std::uint64_t transitions_per_weight = 20000;
  std::size_t segment_transitions = 64;
  // A cell with n samples is moved toward its prior as if the prior were this many samples.
  double prior_strength = 8;
  std::uint64_t seed = 1;
  int threads = 1;
};

// For every weight value v: segments of the traces' streams (a uniformly chosen layer; in it a
// tile, a PE and a start, uniformly) are put through the netlist with v in the weight register. The
// partial sums that enter are the true ones of that PE: they depend on the weights above it, not on
// its own. Sparse cells are shrunk toward (mean of the cell over all weights) × (this weight's
// energy relative to what such cell means predict for it). The result depends on the seed, not on
// the threads.
EnergyTables calibrate(const MacHardware& hardware, const network::Traces& traces,
                       const CalibrationParams& params,
                       const ProgressFunction& progress = no_progress);

}  // namespace togglewise::energy
