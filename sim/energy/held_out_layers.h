// What tables are worth on layers that they were not made from.
#pragma once

#include <string>
#include <vector>

#include "sim/energy/energy_tables.h"
#include "sim/energy/table_fit.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

struct HeldOutResult {
  double r_squared = 0;  // per transition, of all layers
  std::vector<HeldOutLayer> layers;
};

// Two fits, to the layers of odd and of even number, predict the samples of the others. A layer's
// energy weighs each weight value by how often the layer has it.
HeldOutResult measure_held_out(const TransitionGrouping& grouping, const OperandPool& pool,
                               const OperandStream& covering, const MeasuredEnergies& measured,
                               const FitParams& params, const network::Traces& traces);

}  // namespace togglewise::energy
