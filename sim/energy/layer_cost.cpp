#include "sim/energy/layer_cost.h"

#include "sim/array/tile_streams.h"
#include "sim/base/parallel.h"
#include "sim/energy/image_chunks.h"

namespace togglewise::energy {

namespace {

// Share of the weights of each row that the array holds negated.
std::vector<double> negated_shares(const LayerCost& cost) {
  std::vector<double> shares(cost.rows(), 0.0);
  if (cost.negated.empty()) return shares;
  const double of_one = static_cast<double>(cost.rows()) / static_cast<double>(cost.negated.size());
  for (std::size_t i = 0; i < cost.negated.size(); ++i) {
    if (cost.negated[i] != 0) shares[cost.row_of(i, cost.negated.size())] += of_one;
  }
  return shares;
}

// The negative of −128 does not exist: 127 stands for it.
std::size_t opposite(std::size_t index) {
  return index == 0 ? kWeightValues - 1 : kWeightValues - index;
}

void add_energies_of_signs(LayerCost& cost, const std::vector<double>& negated_share) {
  if (cost.negated.empty()) return;
  for (const bool negated : {false, true}) {
    std::array<double, kWeightValues>& energy_fj = cost.of_sign_fj[negated ? 1 : 0];
    double weights = 0;
    for (std::size_t row = 0; row < cost.rows(); ++row) {
      const double share = negated ? negated_share[row] : 1 - negated_share[row];
      weights += share;
      const float* of_row = cost.row_energy_fj.data() + row * kWeightValues;
      for (std::size_t w = 0; w < kWeightValues; ++w) {
        energy_fj[w] += share * static_cast<double>(of_row[negated ? opposite(w) : w]);
      }
    }
    // Where no weight has this sign nobody asks for its energy.
    for (double& fj : energy_fj) fj = weights > 0 ? fj / weights : 0;
  }
}

}  // namespace

std::size_t LayerCost::row_of(std::size_t index, std::size_t count) const {
  const auto of_groups = static_cast<std::size_t>(groups);
  const std::size_t reduction = rows() / of_groups;
  const std::size_t channels = count / reduction;
  return index / reduction * of_groups / channels * reduction + index % reduction;
}

double LayerCost::energy_of_weight(std::size_t index, std::size_t count, int weight) const {
  if (row_energy_fj.empty()) {
    return energy_of(weight, !negated.empty() && negated[index] != 0);
  }
  return static_cast<double>(
      row_energy_fj[row_of(index, count) * kWeightValues + weight_index(held(index, weight))]);
}

LayerCost layer_cost(const array::ArrayShape& shape, const network::TracedLayer& traced,
                     const LayerStatistics& statistics, double transitions_per_weight) {
  const network::GemmShape gemm = traced.layer.gemm();
  LayerCost cost;
  cost.layer = traced.layer.name;
  cost.groups = gemm.groups;
  cost.transitions_per_weight = transitions_per_weight;
  cost.negated = network::negated_weights(gemm, traced.mapping, shape.rows, shape.columns);
  const std::size_t rows = statistics.rows();
  cost.row_energy_fj.resize(rows * kWeightValues);
  const std::vector<double> negated = negated_shares(cost);
  for (std::size_t row = 0; row < rows; ++row) {
    std::array<double, kWeightValues> of_row{};
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      of_row[w] = statistics.energy_fj(row, static_cast<int>(w) - 128);
      cost.row_energy_fj[row * kWeightValues + w] = static_cast<float>(of_row[w]);
    }
    for (std::size_t w = 0; w < kWeightValues; ++w) {
      cost.energy_fj[w] += ((1 - negated[row]) * of_row[w] + negated[row] * of_row[opposite(w)]) /
                           static_cast<double>(rows);
    }
  }
  add_energies_of_signs(cost, negated);
  return cost;
}

LayerCost layer_cost(const EnergyTables& tables, const array::ArrayShape& shape,
                     const network::TracedLayer& traced, const LayerStatistics& statistics,
                     double transitions_per_weight) {
  LayerCost cost = layer_cost(shape, traced, statistics, transitions_per_weight);
  cost.errors = layer_errors(tables, traced.layer, statistics);
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
  const std::vector<network::MappedTile> tiles =
      network::mapped_tiles(gemm, layer.mapping, shape.rows, shape.columns);
  parallel_for(chunks.size(), threads, [&](std::size_t i) {
    const array::LayerActivations activations = lower_chunk(layer, chunks[i], batch_size);
    for (const network::MappedTile& tile : tiles) {
      add_statistics(lookup, tile, gemm.reduction,
                     array::tile_streams(layer.layer, activations, tile), parts[i]);
    }
  });
  LayerStatistics sum(rows);
  for (const LayerStatistics& part : parts) sum += part;
  return sum;
}

void keep_activations_from_zero_weights(const LayerStatistics& statistics, LayerCost& cost) {
  const std::size_t zero = weight_index(0);
  cost.energy_fj[zero] = 0;
  for (std::size_t row = 0; row < cost.rows(); ++row) {
    const double fj = statistics.quiet_energy_fj(row);
    cost.row_energy_fj[row * kWeightValues + zero] = static_cast<float>(fj);
    cost.energy_fj[zero] += fj / static_cast<double>(cost.rows());
  }
}

std::vector<LayerCost> layer_costs(const EnergyTables& tables, const array::ArrayShape& shape,
                                   const network::Traces& traces, int threads,
                                   const config::HardwareConfig::Gating& gating) {
  const TableLookup lookup(tables);
  std::vector<LayerCost> costs;
  for (const network::TracedLayer& layer : traces.layers) {
    const LayerStatistics statistics =
        layer_statistics(lookup, shape, layer, traces.batch_size, threads);
    costs.push_back(layer_cost(tables, shape, layer, statistics,
                               layer.layer.gemm().output_pixels + 1.0 / traces.batch_size));
    if (gating.zero_weight) keep_activations_from_zero_weights(statistics, costs.back());
  }
  return costs;
}

double layer_energy_fj(const LayerCost& cost, const std::vector<std::int8_t>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += cost.energy_of_weight(i, weights.size(), weights[i]);
  }
  return sum * cost.transitions_per_weight;
}

}  // namespace togglewise::energy
