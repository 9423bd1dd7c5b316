// What one tile's rows see over a series of images: the input of the toggle and gate engines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/network/quantized_network.h"
#include "sim/network/tiling.h"

namespace togglewise::array {

// A batch of images is streamed through a tile without reloading its weights: M = batch · output
// pixels. All registers of the data path are at rest between tiles (activations zero, partial sums
// at the constant that enters at the top), and a tile's weights are the same
// for every batch. So the batches' streams can stand one behind the other with one zero cycle
// between them, and every PE of the tile sees exactly the transitions that it sees in a
// single-buffered array: `cycles` values
//   0, batch 0's M activations, 0, batch 1's M activations, 0, …, 0     cycles = batches·(M+1) + 1
struct TileStreams {
  int used_rows = 0;
  int used_columns = 0;
  int first_row = 0;                    // of the array: sees row(0)
  std::int32_t partial_sum_offset = 0;  // enters every column of the array at the top
  std::vector<std::uint8_t> negated;    // [used_columns], or empty: where accumulators subtract
  int batches = 0;
  int stream_length = 0;  // M
  std::size_t cycles = 0;
  std::vector<std::int8_t> weights;      // [used_rows][used_columns]
  std::vector<std::int8_t> activations;  // [used_rows][cycles]

  const std::int8_t* row(int r) const {
    return activations.data() + static_cast<std::size_t>(r) * cycles;
  }
  int weight(int r, int c) const {
    return weights[static_cast<std::size_t>(r) * static_cast<std::size_t>(used_columns) +
                   static_cast<std::size_t>(c)];
  }
  std::uint64_t transitions_per_pe() const { return cycles - 1; }
  bool is_negated(int c) const {
    return !negated.empty() && negated[static_cast<std::size_t>(c)] != 0;
  }
  // Rows below the used ones, in an array of so many.
  int rows_below(int array_rows) const { return array_rows - first_row - used_rows; }
};

// The weights of a tile of `layer` as the array holds them (negated ones are), [rows][columns].
std::vector<std::int8_t> tile_weights(const network::GemmLayer& layer,
                                      const network::MappedTile& tile);

// Activations after im2col for every tile of the layer: what row k of the GEMM's reduction sees, in
// the form of TileStreams.
struct LayerActivations {
  int batches = 0;
  int stream_length = 0;  // M = images of a batch · output pixels
  std::size_t cycles = 0;
  std::vector<std::int8_t> values;  // [groups·K][cycles]

  const std::int8_t* row(std::size_t k) const { return values.data() + k * cycles; }
};
// `images` must be a multiple of `batch_size`. Each image's pixels come in the order given.
LayerActivations lower_activations(const network::GemmLayer& layer, const std::int8_t* ifmaps,
                                   int images, int batch_size,
                                   const network::PixelOrder& order = {});

TileStreams tile_streams(const network::GemmLayer& layer, const LayerActivations& activations,
                         const network::MappedTile& tile);
TileStreams tile_streams(const network::GemmLayer& layer, const LayerActivations& activations,
                         const network::TileRange& range);

// One batch of one tile in the form that the RTL is fed with.
TileOperands tile_operands(const network::GemmLayer& layer, const LayerActivations& activations,
                           int batch, const network::MappedTile& tile);
TileOperands tile_operands(const network::GemmLayer& layer, const LayerActivations& activations,
                           int batch, const network::TileRange& range);

// One tile's operands of several batches as streams; the batches share their weights.
TileStreams to_streams(const std::vector<TileOperands>& batches);
inline TileStreams to_streams(const TileOperands& operands) {
  return to_streams(std::vector<TileOperands>{operands});
}

}  // namespace togglewise::array
