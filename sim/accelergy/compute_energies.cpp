#include "sim/accelergy/compute_energies.h"

#include <utility>

#include "sim/array/tile_streams.h"
#include "sim/base/parallel.h"
#include "sim/energy/image_chunks.h"
#include "sim/network/tiling.h"

namespace togglewise::accelergy {
namespace {

using energy::kWeightValues;
using energy::weight_index;

// measure(tile's streams, result of the chunk) for every tile and chunk of images; the sum.
template <typename Result, typename Measure>
Result sum_over_tiles(const array::ArrayShape& shape, const network::TracedLayer& traced,
                      int batch_size, int threads, const Result& zero, const Measure& measure) {
  const auto chunks = energy::image_chunks(traced.layer, traced.images, batch_size);
  const std::vector<network::MappedTile> tiles =
      network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape.rows, shape.columns);
  std::vector<Result> parts(chunks.size(), zero);
  parallel_for(chunks.size(), threads, [&](std::size_t i) {
    const array::LayerActivations activations = energy::lower_chunk(traced, chunks[i], batch_size);
    for (const network::MappedTile& tile : tiles) {
      measure(array::tile_streams(traced.layer, activations, tile), parts[i]);
    }
  });
  Result sum = zero;
  for (const Result& part : parts) sum += part;
  return sum;
}

std::vector<ComputeEnergy> from_tally(const energy::TableTally& tally) {
  std::vector<ComputeEnergy> energies;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    const std::uint64_t transitions = tally.active_transitions[w];
    if (transitions == 0) continue;
    energies.push_back({static_cast<int>(w) - 128, transitions,
                        static_cast<double>(tally.active[w]) / energy::kUnitsPerFj /
                            static_cast<double>(transitions)});
  }
  return energies;
}

std::vector<ComputeEnergy> from_rows(const energy::LayerCost& cost,
                                     const network::TracedLayer& traced, int batch_size) {
  std::array<double, kWeightValues> sum_fj{};
  std::array<std::uint64_t, kWeightValues> pes{};
  const auto& weights = traced.layer.weights;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::size_t w = weight_index(cost.held(i, weights[i]));
    sum_fj[w] += cost.energy_of_weight(i, weights.size(), weights[i]);
    ++pes[w];
  }
  const auto batches = static_cast<std::uint64_t>(traced.images / batch_size);
  const std::uint64_t transitions =
      batches * (static_cast<std::uint64_t>(batch_size) *
                     static_cast<std::uint64_t>(traced.layer.gemm().output_pixels) +
                 1);
  std::vector<ComputeEnergy> energies;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    if (pes[w] == 0) continue;
    energies.push_back(
        {static_cast<int>(w) - 128, pes[w] * transitions, sum_fj[w] / static_cast<double>(pes[w])});
  }
  return energies;
}

struct Histogram {
  explicit Histogram(std::size_t cells) : counts(kWeightValues * cells, 0) {}
  Histogram& operator+=(const Histogram& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    return *this;
  }
  std::vector<std::uint64_t> counts;  // [256][cells]
};

void count_cells(const energy::GroupingPart& part, const array::TileStreams& streams,
                 Histogram& histogram) {
  const std::size_t transitions = streams.cycles - 1;
  std::vector<std::int32_t> partial_sum(streams.cycles);
  std::vector<std::uint16_t> in(transitions);
  std::vector<std::uint16_t> out(transitions);
  for (int c = 0; c < streams.used_columns; ++c) {
    std::fill(partial_sum.begin(), partial_sum.end(), 0);
    for (int r = 0; r < streams.used_rows; ++r) {
      const int weight = streams.weight(r, c);
      const std::int8_t* a = streams.row(r);
      part.in_codes(partial_sum.data(), transitions, in.data());
      for (std::size_t t = 0; t < streams.cycles; ++t) partial_sum[t] += weight * a[t];
      part.out_codes(partial_sum.data(), transitions, out.data());
      std::uint64_t* counts = histogram.counts.data() + weight_index(weight) * part.cells();
      for (std::size_t t = 0; t < transitions; ++t) {
        ++counts[part.activation_group(a[t], a[t + 1]) * part.partial_sum_groups() + in[t] +
                 out[t]];
      }
    }
  }
}

}  // namespace

std::vector<ComputeEnergy> compute_energies(energy::Fidelity fidelity,
                                            const energy::TableLookup& lookup,
                                            const energy::LayerCost& cost,
                                            const array::ArrayShape& shape,
                                            const network::TracedLayer& traced, int batch_size,
                                            int threads) {
  if (fidelity == energy::Fidelity::layer) return from_rows(cost, traced, batch_size);
  return from_tally(sum_over_tiles(shape, traced, batch_size, threads, energy::TableTally{},
                                   [&](const array::TileStreams& streams, energy::TableTally& sum) {
                                     lookup.add(shape, streams, sum);
                                   }));
}

std::vector<CellCount> cell_counts(const energy::EnergyTables& tables,
                                   const array::ArrayShape& shape,
                                   const network::TracedLayer& traced, int batch_size,
                                   int threads) {
  const energy::GroupingPart& part = *tables.grouping->parts().at(0);
  const Histogram sum =
      sum_over_tiles(shape, traced, batch_size, threads, Histogram(part.cells()),
                     [&](const array::TileStreams& streams, Histogram& histogram) {
                       count_cells(part, streams, histogram);
                     });
  std::vector<CellCount> counts;
  for (std::size_t i = 0; i < sum.counts.size(); ++i) {
    if (sum.counts[i] == 0) continue;
    counts.push_back({static_cast<int>(i / part.cells()) - 128, i % part.cells(), sum.counts[i]});
  }
  return counts;
}

}  // namespace togglewise::accelergy
