// Fills energy tables: gate-level energies of transitions sampled from real operand streams.
#pragma once

#include <cstdint>
#include <filesystem>

#include "sim/base/progress.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/table_fit.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

struct CalibrationParams {
  // The most per weight value. Many short streams from different PEs beat few long ones.
  std::uint64_t transitions_per_weight = TablePrecision{}.most_transitions;
  // What each weight value is measured with first; as long as `precision` is not reached, the
  // number is doubled.
  std::uint64_t first_transitions = 16384;
  std::size_t segment_transitions = 16;
  // How often every pair of activations is put through the gates beside the sampled operands.
  int covering_visits = 2;
  // Whether tables shall hold activations below zero, though the traces may have none.
  bool negative_activations = false;
  double weight_precision = TablePrecision{}.weight;
  double cell_precision = TablePrecision{}.cell;
  double cell_share = TablePrecision{}.cell_share;
  std::uint64_t seed = 1;
  int threads = 1;
  FitParams fit;
  // Where to keep what is measured until all is (measurement_checkpoint.h); "": nowhere.
  std::filesystem::path checkpoint;
};

// For every weight value v: the same segments of the traces' streams (operand_pool.h) are put
// through the netlist with v in the weight register, more of them until v has the precision that
// was asked for, and tables are fitted to their energies (table_fit.h). What the tables are worth
// is measured on layers that a fit has not seen: two more fits, one to every other layer, predict
// the rest. The result depends on the seed, not on the threads, nor on whether it was interrupted.
// Throws TW-TABLE-008 for a checkpoint that cannot be written.
EnergyTables calibrate(const MacHardware& hardware, const network::Traces& traces,
                       const CalibrationParams& params,
                       const ProgressFunction& progress = no_progress);

}  // namespace togglewise::energy
