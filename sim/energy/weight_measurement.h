// Gate-level energies of one weight value on as many of the pool's operands as its precision takes.
#pragma once

#include "sim/energy/calibration.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/measurement_checkpoint.h"
#include "sim/energy/operand_pool.h"
#include "sim/energy/table_fit.h"

namespace togglewise::energy {

// E(w) over the segments that were measured: mean and standard error. Segments are drawn from the
// layers in turn, so differences between layers are no uncertainty: only the spread inside them is.
void set_mean(const OperandPool& pool, const std::vector<float>& energy_fj, WeightEnergy& weight);

// Measures first_transitions of the pool, then doubles them, until E(w) and the cells of `grouping`
// have the precision that `params` asks for, or the pool ends. Fills the weight's entries of
// `measured`.
WeightEnergy measure_weight(const MacHardware& hardware, const TransitionGrouping& grouping,
                            const OperandPool& pool, const OperandStream& covering,
                            const CalibrationParams& params, int weight,
                            MeasurementCheckpoint& checkpoint, MeasuredEnergies& measured);

}  // namespace togglewise::energy
