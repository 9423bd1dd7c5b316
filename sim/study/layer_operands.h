// Every transition of a network's layers on the array, to be looked up in one table after the
// other.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/base/progress.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/table_lookup.h"
#include "sim/network/traces.h"

namespace togglewise::study {

class LayerOperands {
 public:
  LayerOperands(const array::ArrayShape& shape, const network::Traces& traces);

  std::size_t layers() const { return layers_; }
  // Femtojoules of the PEs that hold a weight, over all images, of the layers that `is_wanted`;
  // 0 of the others. The same for any number of threads.
  std::vector<double> energies_fj(const energy::EnergyTables& tables,
                                  const std::vector<bool>& is_wanted, int threads) const;

 private:
  struct Work {
    std::size_t layer = 0;
    array::TileStreams streams;
  };
  array::ArrayShape shape_;
  std::size_t layers_;
  std::vector<Work> work_;
};

// What LayerOperands are compared with: the same transitions through the gates.
std::vector<double> gate_energies_fj(const energy::MacHardware& hardware,
                                     const network::Traces& traces, int threads,
                                     const ProgressFunction& progress);

// At fidelity `layer`: per-row statistics of the layers' operands times their weights.
std::vector<double> layer_fidelity_fj(const energy::EnergyTables& tables,
                                      const array::ArrayShape& shape, const network::Traces& traces,
                                      const std::vector<bool>& is_wanted, int threads);

}  // namespace togglewise::study
