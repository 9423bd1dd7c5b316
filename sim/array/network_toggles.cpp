#include "sim/array/network_toggles.h"

#include <algorithm>
#include <atomic>

#include "sim/array/tile_streams.h"
#include "sim/array/toggle_engine.h"
#include "sim/array/toggle_sequence.h"
#include "sim/array/weight_chain.h"
#include "sim/base/parallel.h"
#include "sim/network/tiling.h"

namespace togglewise::array {
namespace {

// Activations after im2col of so many bytes are held at once, or those of one batch.
constexpr std::size_t chunk_bytes = std::size_t{64} << 20;

int batches_per_chunk(const network::GemmLayer& layer, int batch_size) {
  const network::GemmShape gemm = layer.gemm();
  const std::size_t batch_bytes =
      static_cast<std::size_t>(gemm.groups) * static_cast<std::size_t>(gemm.reduction) *
      static_cast<std::size_t>(gemm.output_pixels) * static_cast<std::size_t>(batch_size);
  return static_cast<int>(
      std::max<std::size_t>(1, chunk_bytes / std::max<std::size_t>(1, batch_bytes)));
}

// Weight and shadow registers. The first batch starts from zeros, all others find the last layer's
// weights.
void add_weight_loading(const ArrayShape& shape, const network::Traces& traces, int batches,
                        std::vector<ToggleCounts>& toggles) {
  WeightChain chain(shape);
  for (int pass = 0; pass < std::min(batches, 2); ++pass) {
    const int repeats = pass == 0 ? 1 : batches - 1;
    for (std::size_t l = 0; l < traces.layers.size(); ++l) {
      const network::TracedLayer& traced = traces.layers[l];
      ToggleCounts loaded;
      for (const network::MappedTile& tile :
           network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape.rows, shape.columns)) {
        loaded += chain.load(tile.first_row, tile.range.rows(), tile.range.columns(),
                             tile_weights(traced.layer, tile));
      }
      for (int i = 0; i < repeats; ++i) toggles[l] += loaded;
    }
  }
}

ToggleCounts layer_toggles(const ArrayShape& shape, bool double_buffered,
                           const network::TracedLayer& traced, int images, int batch_size,
                           int threads) {
  const std::vector<network::MappedTile> tiles =
      network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape.rows, shape.columns);
  const int step = batches_per_chunk(traced.layer, batch_size) * batch_size;
  std::vector<ToggleCounts> parts(tiles.size());
  std::vector<TileEdges> edges(tiles.size());
  ToggleCounts sum;
  for (int first = 0; first < images; first += step) {
    const LayerActivations activations = lower_activations(
        traced.layer,
        traced.ifmaps.data() + static_cast<std::size_t>(first) * traced.layer.input.size(),
        std::min(step, images - first), batch_size, traced.mapping.pixel_order);
    parallel_for(tiles.size(), threads, [&](std::size_t i) {
      const TileStreams streams = tile_streams(traced.layer, activations, tiles[i]);
      parts[i] += count_toggles(shape, streams);
      if (double_buffered) edges[i] = tile_edges(streams);
    });
    if (!double_buffered) continue;
    sum.weight_update += static_cast<std::uint64_t>(activations.batches) * tiles.size() *
                         weight_update_toggles(shape);
    for (std::size_t i = 1; i < tiles.size(); ++i) join_tiles(shape, edges[i - 1], edges[i], sum);
  }
  for (const ToggleCounts& part : parts) sum += part;
  return sum;
}

}  // namespace

std::vector<ToggleCounts> network_toggles(const ArrayShape& shape, bool double_buffered,
                                          const network::Traces& traces, int images, int threads,
                                          const ProgressFunction& progress) {
  std::vector<ToggleCounts> toggles;
  for (const network::TracedLayer& traced : traces.layers) {
    toggles.push_back(
        layer_toggles(shape, double_buffered, traced, images, traces.batch_size, threads));
    progress("toggles", toggles.size(), traces.layers.size());
  }
  add_weight_loading(shape, traces, images / traces.batch_size, toggles);
  return toggles;
}

}  // namespace togglewise::array
