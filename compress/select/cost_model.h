// Where the weight selection's energies come from.
#pragma once

#include <functional>
#include <vector>

#include "sim/energy/layer_cost.h"
#include "sim/network/traces.h"

namespace togglewise::compress {

// E_l(v) of every layer of the traced network, on the hardware that compression is for.
using CostModel = std::function<std::vector<energy::LayerCost>(const network::Traces&)>;

}  // namespace togglewise::compress
