#include "sim/study/layer_operands.h"

#include <numeric>
#include <optional>

#include "sim/base/parallel.h"
#include "sim/energy/image_chunks.h"
#include "sim/energy/layer_cost.h"
#include "sim/energy/network_energy.h"

namespace togglewise::study {

LayerOperands::LayerOperands(const array::ArrayShape& shape, const network::Traces& traces)
    : shape_(shape), layers_(traces.layers.size()) {
  for (std::size_t l = 0; l < layers_; ++l) {
    const network::TracedLayer& traced = traces.layers[l];
    for (const energy::ImageChunk& chunk :
         energy::image_chunks(traced.layer, traced.images, traces.batch_size)) {
      const array::LayerActivations activations =
          energy::lower_chunk(traced, chunk, traces.batch_size);
      for (const network::MappedTile& tile :
           network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape.rows, shape.columns)) {
        work_.push_back({l, array::tile_streams(traced.layer, activations, tile)});
      }
    }
  }
}

std::vector<double> LayerOperands::energies_fj(const energy::EnergyTables& tables,
                                               const std::vector<bool>& is_wanted,
                                               int threads) const {
  const energy::TableLookup lookup(tables);
  std::vector<std::int64_t> units(work_.size(), 0);
  parallel_for(work_.size(), threads, [&](std::size_t i) {
    if (!is_wanted[work_[i].layer]) return;
    energy::TableTally tally;
    lookup.add(shape_, work_[i].streams, tally);
    units[i] = std::accumulate(tally.active.begin(), tally.active.end(), std::int64_t{0});
  });
  std::vector<std::int64_t> of_layer(layers_, 0);
  for (std::size_t i = 0; i < work_.size(); ++i) of_layer[work_[i].layer] += units[i];
  std::vector<double> energies;
  for (const std::int64_t sum : of_layer) {
    energies.push_back(static_cast<double>(sum) / energy::kUnitsPerFj);
  }
  return energies;
}

std::vector<double> gate_energies_fj(const energy::MacHardware& hardware,
                                     const network::Traces& traces, int threads,
                                     const ProgressFunction& progress) {
  const energy::NetworkEnergy exact =
      energy::network_energy(hardware, traces, energy::Fidelity::gate, nullptr, threads, progress);
  std::vector<double> energies;
  for (const energy::LayerEnergy& layer : exact.layers) {
    energies.push_back(layer.energy_per_image.mac_dynamic_fj() * exact.images);
  }
  return energies;
}

std::vector<double> layer_fidelity_fj(const energy::EnergyTables& tables,
                                      const array::ArrayShape& shape, const network::Traces& traces,
                                      const std::vector<bool>& is_wanted, int threads) {
  const energy::TableLookup lookup(tables);
  std::vector<double> energies(traces.layers.size(), 0.0);
  parallel_for(energies.size(), threads, [&](std::size_t l) {
    if (!is_wanted[l]) return;
    const network::TracedLayer& traced = traces.layers[l];
    const double transitions = traced.layer.gemm().output_pixels + 1.0 / traces.batch_size;
    const energy::LayerCost cost = energy::layer_cost(
        shape, traced, energy::layer_statistics(lookup, shape, traced, traces.batch_size, 1),
        transitions);
    energies[l] = energy::layer_energy_fj(cost, traced.layer.weights) * traced.images;
  });
  return energies;
}

}  // namespace togglewise::study
