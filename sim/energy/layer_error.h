// How far off fidelity `layer` may be.
#pragma once

#include <array>

#include "sim/energy/energy_tables.h"
#include "sim/energy/layer_statistics.h"
#include "sim/network/quantized_network.h"

namespace togglewise::energy {

// One standard deviation, relative to the energy. The gates' energy of the same images is meant:
// how images differ is no part of it.
struct LayerError {
  // Partial sums are looked up at some of their transitions only: from the spread of the
  // replicates.
  double sampling = 0;
  // Cells of the tables are means of so many gate-level samples: their standard errors, in the
  // proportions in which the layer visits them. Weight values are calibrated with the same
  // operands, so that their errors are taken to go the same way.
  double tables = 0;
  // What the grouping leaves out: root mean square of the error of layers that the tables were
  // fitted without (EnergyTables::held_out). Layers that the tables were fitted with are better.
  double model = 0;

  double total() const;
};

struct LayerErrors {
  LayerError layer;                                // of its energy, with its own weights
  std::array<LayerError, kWeightValues> values{};  // of E_l(v)
};

// The model's part alone; 0 where no layers were held out.
double held_out_error(const EnergyTables& tables);

LayerErrors layer_errors(const EnergyTables& tables, const network::GemmLayer& layer,
                         const LayerStatistics& statistics);

}  // namespace togglewise::energy
