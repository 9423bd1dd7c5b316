#include "sim/energy/layer_cost.h"

#include "sim/array/tile_streams.h"
#include "sim/base/parallel.h"
#include "sim/energy/image_chunks.h"

namespace togglewise::energy {

LayerCost layer_cost(const network::GemmLayer& layer, const LayerStatistics& statistics,
                     double transitions_per_weight) {
  LayerCost cost;
  cost.layer = layer.name;
  cost.groups = layer.gemm().groups;
  cost.transitions_per_weight = transitions_per_weight;
  const std::size_t rows = statistics.rows();
  cost.row_energy_fj.reserve(rows * kWeightValues);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      const double fj = statistics.energy_fj(row, static_cast<int>(w) - 128);
      cost.row_energy_fj.push_back(static_cast<float>(fj));
      cost.energy_fj[w] += fj / static_cast<double>(rows);
    }
  }
  return cost;
}

LayerCost layer_cost(const EnergyTables& tables, const network::GemmLayer& layer,
                     const LayerStatistics& statistics, double transitions_per_weight) {
  LayerCost cost = layer_cost(layer, statistics, transitions_per_weight);
  cost.errors = layer_errors(tables, layer, statistics);
  return cost;
}

LayerStatistics layer_statistics(const TableLookup& lookup, const array::ArrayShape& shape,
                                 const network::TracedLayer& layer, int batch_size, int threads) {
  require_whole_batches(layer.images, batch_size);
  const network::GemmShape gemm = layer.layer.gemm();
  const std::size_t rows =
      static_cast<std::size_t>(gemm.groups) * static_cast<std::size_t>(gemm.reduction);
  const std::vector<ImageChunk> chunks = image_chunks(layer.layer, layer.images, batch_size);
  std::vector<LayerStatistics> parts(chunks.size(), LayerStatistics(rows));
  const auto tiles = network::tiles_of(gemm, shape.rows, shape.columns);
  parallel_for(chunks.size(), threads, [&](std::size_t i) {
    const array::LayerActivations activations = lower_chunk(layer, chunks[i], batch_size);
    for (const network::TileRange& range : tiles) {
      add_statistics(lookup, range, gemm.reduction,
                     array::tile_streams(layer.layer, activations, range), parts[i]);
    }
  });
  LayerStatistics sum(rows);
  for (const LayerStatistics& part : parts) sum += part;
  return sum;
}

std::vector<LayerCost> layer_costs(const EnergyTables& tables, const array::ArrayShape& shape,
                                   const network::Traces& traces, int threads) {
  const TableLookup lookup(tables);
  std::vector<LayerCost> costs;
  for (const network::TracedLayer& layer : traces.layers) {
    costs.push_back(layer_cost(tables, layer.layer,
                               layer_statistics(lookup, shape, layer, traces.batch_size, threads),
                               layer.layer.gemm().output_pixels + 1.0 / traces.batch_size));
  }
  return costs;
}

double layer_energy_fj(const LayerCost& cost, const std::vector<std::int8_t>& weights) {
  double sum = 0;
  if (cost.row_energy_fj.empty()) {
    for (const std::int8_t weight : weights) sum += cost.energy_of(weight);
    return sum * cost.transitions_per_weight;
  }
  const auto groups = static_cast<std::size_t>(cost.groups);
  const std::size_t reduction = cost.rows() / groups;
  const std::size_t channels = weights.size() / reduction;
  for (std::size_t n = 0; n < channels; ++n) {
    const std::size_t first_row = n * groups / channels * reduction;
    for (std::size_t k = 0; k < reduction; ++k) {
      const int weight = weights[n * reduction + k];
      sum += static_cast<double>(
          cost.row_energy_fj[(first_row + k) * kWeightValues + weight_index(weight)]);
    }
  }
  return sum * cost.transitions_per_weight;
}

}  // namespace togglewise::energy
