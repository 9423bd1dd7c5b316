// Where the weight selection's energies come from, and what the result is measured with.
#pragma once

#include <functional>
#include <vector>

#include "sim/base/progress.h"
#include "sim/energy/layer_cost.h"
#include "sim/energy/network_energy.h"
#include "sim/network/traces.h"

namespace togglewise::compress {

// The hardware that compression is for.
struct HardwareModel {
  // E_l(v) of every layer of the traced network.
  std::function<std::vector<energy::LayerCost>(const network::Traces&)> costs;
  // Every transition through the synthesized gates; may be empty.
  std::function<energy::NetworkEnergy(const network::Traces&, const ProgressFunction&)> gates;
};

}  // namespace togglewise::compress
