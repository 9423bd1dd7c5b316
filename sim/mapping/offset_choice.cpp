#include "sim/mapping/offset_choice.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sim/base/parallel.h"
#include "sim/base/random.h"
#include "sim/gate/bit_planes.h"
#include "sim/mapping/layer_search.h"
#include "sim/mapping/proposals.h"
#include "sim/mapping/tile_model.h"
#include "sim/network/tiling.h"

namespace togglewise::mapping {
namespace {

constexpr int kSampledColumns = 6;       // of a layer
constexpr std::size_t kGateOffsets = 4;  // that go through the gates

// Single columns of a layer's tiles.
std::vector<array::TileStreams> sampled_columns(const array::ArrayShape& shape,
                                                const network::TracedLayer& layer,
                                                std::uint64_t seed) {
  const array::LayerActivations activations = proposing_activations(layer);
  const std::vector<network::MappedTile> tiles =
      network::mapped_tiles(layer.layer.gemm(), layer.mapping, shape.rows, shape.columns);
  Random random(seed);
  std::vector<array::TileStreams> columns;
  for (int i = 0; i < kSampledColumns; ++i) {
    network::MappedTile tile = tiles[random.below(tiles.size())];
    const int channel = tile.channels[random.below(tile.channels.size())];
    tile.channels = {channel};
    tile.range.column_begin = channel;
    tile.range.column_end = channel + 1;
    columns.push_back(array::tile_streams(layer.layer, activations, tile));
  }
  return columns;
}

double table_fj(const energy::TableLookup& lookup, const array::TileStreams& column, int sign) {
  std::vector<std::uint16_t> order(static_cast<std::size_t>(column.used_rows));
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  const TileModel model(lookup, column);
  return static_cast<double>(model.column_units(order, 0, sign)) / energy::kUnitsPerFj;
}

double gate_fj(const energy::MacHardware& hardware, const array::TileStreams& column, int sign) {
  const gate::MacEngine& engine = hardware.engine();
  const array::ArrayShape shape = hardware.shape();
  const gate::TimeOrder order = engine.time_order();
  gate::BitPlanes in = gate::BitPlanes::constant(column.partial_sum_offset, column.cycles,
                                                 shape.partial_sum_bits, order);
  gate::BitPlanes out;
  gate::ToggleTally tally = engine.make_tally();
  for (int r = 0; r < column.used_rows; ++r) {
    engine.run(
        sign * column.weight(r, 0),
        gate::BitPlanes::from_int8(column.row(r), column.cycles, shape.activation_bits, order), in,
        out, tally);
    std::swap(in, out);
  }
  return engine.energy(tally).total_fj();
}

// energy_fj(column, sign) of all sampled columns, the cheaper sign of each, for every offset.
template <typename Energy>
std::vector<double> sums_fj(std::vector<std::vector<array::TileStreams>> columns,
                            const std::vector<std::int32_t>& offsets, bool signs, int threads,
                            const Energy& energy_fj) {
  std::vector<std::vector<double>> of_layer(columns.size(),
                                            std::vector<double>(offsets.size(), 0.0));
  parallel_for(columns.size(), threads, [&](std::size_t l) {
    for (array::TileStreams& column : columns[l]) {
      const auto lowest = std::find(column.weights.begin(), column.weights.end(), -128);
      const bool negatable = signs && lowest == column.weights.end();
      for (std::size_t o = 0; o < offsets.size(); ++o) {
        column.partial_sum_offset = offsets[o];
        double fj = energy_fj(column, 1);
        if (negatable) fj = std::min(fj, energy_fj(column, -1));
        of_layer[l][o] += fj;
      }
    }
  });
  std::vector<double> sums(offsets.size(), 0.0);
  for (const std::vector<double>& energies : of_layer) {
    for (std::size_t o = 0; o < sums.size(); ++o) sums[o] += energies[o];
  }
  return sums;
}

}  // namespace

std::vector<std::int32_t> offset_candidates(const array::ArrayShape& shape) {
  const std::int32_t largest = network::largest_partial_sum_offset(
      shape.rows, shape.weight_bits, shape.activation_bits, shape.partial_sum_bits);
  std::vector<std::int32_t> offsets{0};
  for (int bits = 8; bits < shape.partial_sum_bits; ++bits) {
    const auto offset = static_cast<std::int32_t>(((std::int64_t{1} << bits) - 1) / 3);
    if (offset <= largest) offsets.push_back(offset);
  }
  return offsets;
}

std::int32_t choose_offset(const energy::MacHardware& hardware, const energy::TableLookup& lookup,
                           const network::Traces& traces, const OffsetChoiceParams& params) {
  const array::ArrayShape shape = hardware.shape();
  std::vector<std::vector<array::TileStreams>> columns(traces.layers.size());
  parallel_for(columns.size(), params.threads, [&](std::size_t l) {
    columns[l] =
        sampled_columns(shape, images_of(traces.layers[l], 0, params.images), params.seed + l);
  });
  std::vector<std::int32_t> offsets = offset_candidates(shape);
  const std::vector<double> by_table =
      sums_fj(columns, offsets, params.signs, params.threads,
              [&](const auto& column, int sign) { return table_fj(lookup, column, sign); });
  std::vector<std::size_t> ranks(offsets.size());
  std::iota(ranks.begin(), ranks.end(), std::size_t{0});
  std::stable_sort(ranks.begin(), ranks.end(),
                   [&](std::size_t a, std::size_t b) { return by_table[a] < by_table[b]; });
  std::vector<std::int32_t> best;
  for (std::size_t i = 0; i < std::min(kGateOffsets, ranks.size()); ++i) {
    best.push_back(offsets[ranks[i]]);
  }
  const std::vector<double> by_gates =
      sums_fj(std::move(columns), best, params.signs, params.threads,
              [&](const auto& column, int sign) { return gate_fj(hardware, column, sign); });
  return best[static_cast<std::size_t>(std::min_element(by_gates.begin(), by_gates.end()) -
                                       by_gates.begin())];
}

}  // namespace togglewise::mapping
