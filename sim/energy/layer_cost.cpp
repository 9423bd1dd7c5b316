#include "sim/energy/layer_cost.h"

#include <algorithm>

#include "sim/array/tile_streams.h"
#include "sim/base/parallel.h"
#include "sim/energy/image_chunks.h"

namespace togglewise::energy {

LayerCost layer_cost(const std::string& layer, const EnergyTables& tables,
                     const TransitionHistogram& histogram, double transitions_per_weight) {
  LayerCost cost;
  cost.layer = layer;
  cost.transitions_per_weight = transitions_per_weight;
  const std::size_t cells = tables.cells();
  std::vector<double> occurrence(cells, 0);
  double total = 0;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    for (std::size_t k = 0; k < cells; ++k) {
      occurrence[k] += static_cast<double>(histogram.active[w * cells + k]);
    }
  }
  for (const double count : occurrence) total += count;
  if (total == 0) return cost;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    const double* table = tables.energy_fj.data() + w * cells;
    double sum = 0;
    for (std::size_t k = 0; k < cells; ++k) sum += occurrence[k] * table[k];
    cost.energy_fj[w] = sum / total;
  }
  return cost;
}

TransitionHistogram layer_histogram(const TransitionGrouping& grouping,
                                    const array::ArrayShape& shape,
                                    const network::TracedLayer& layer, int batch_size,
                                    int threads) {
  require_whole_batches(layer.images, batch_size);
  const std::vector<ImageChunk> chunks = image_chunks(layer.images, batch_size);
  std::vector<TransitionHistogram> parts(chunks.size(), TransitionHistogram(grouping.cells()));
  const auto tiles = network::tiles_of(layer.layer.gemm(), shape.rows, shape.columns);
  parallel_for(chunks.size(), threads, [&](std::size_t i) {
    const array::LayerActivations activations = lower_chunk(layer, chunks[i], batch_size);
    for (const network::TileRange& range : tiles) {
      add_transitions(grouping, shape, array::tile_streams(layer.layer, activations, range),
                      parts[i]);
    }
  });
  TransitionHistogram sum(grouping.cells());
  for (const TransitionHistogram& part : parts) sum += part;
  // Every chunk counted the layer's weights once.
  for (std::uint64_t& pes : sum.active_pes) pes /= std::max<std::size_t>(1, chunks.size());
  return sum;
}

std::vector<LayerCost> layer_costs(const EnergyTables& tables, const array::ArrayShape& shape,
                                   const network::Traces& traces, int threads) {
  std::vector<LayerCost> costs;
  for (const network::TracedLayer& layer : traces.layers) {
    costs.push_back(
        layer_cost(layer.layer.name, tables,
                   layer_histogram(*tables.grouping, shape, layer, traces.batch_size, threads),
                   layer.layer.gemm().output_pixels + 1.0 / traces.batch_size));
  }
  return costs;
}

double layer_energy_fj(const LayerCost& cost, const std::vector<std::int8_t>& weights) {
  std::array<std::uint64_t, kWeightValues> count{};
  for (const std::int8_t weight : weights) ++count[weight_index(weight)];
  double sum = 0;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    sum += static_cast<double>(count[w]) * cost.energy_fj[w];
  }
  return sum * cost.transitions_per_weight;
}

}  // namespace togglewise::energy
