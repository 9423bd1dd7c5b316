// What one tile's rows see over a series of images: the input of the toggle and gate engines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/network/quantized_network.h"
#include "sim/network/tiling.h"

namespace togglewise::array {

// All registers of the data path are zero between tiles, and a tile's weights are the same for
// every image. So the images' streams can stand one behind the other with one zero cycle between
// them, and every PE of the tile sees exactly the transitions that it sees in the array: `cycles`
// values
//   0, image 0's M activations, 0, image 1's M activations, 0, …, 0     cycles = images·(M+1) + 1
struct TileStreams {
  int used_rows = 0;
  int used_columns = 0;
  int images = 0;
  int stream_length = 0;  // M, per image
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
};

// The weights of tile `range` of `layer`, [rows][columns].
std::vector<std::int8_t> tile_weights(const network::GemmLayer& layer,
                                      const network::TileRange& range);

// Activations of `images` images after im2col, [image][M][K], for every tile of the layer.
struct LayerActivations {
  int images = 0;
  int output_pixels = 0;
  int reduction = 0;
  std::vector<std::int8_t> values;
};
LayerActivations lower_activations(const network::GemmLayer& layer, const std::int8_t* ifmaps,
                                   int images);

TileStreams tile_streams(const network::GemmLayer& layer, const LayerActivations& activations,
                         const network::TileRange& range);

// One image of one tile in the form that the RTL is fed with.
TileOperands tile_operands(const network::GemmLayer& layer, const LayerActivations& activations,
                           int image, const network::TileRange& range);

// One tile's operands of several images as streams; the images share their weights.
TileStreams to_streams(const std::vector<TileOperands>& images);
inline TileStreams to_streams(const TileOperands& operands) {
  return to_streams(std::vector<TileOperands>{operands});
}

}  // namespace togglewise::array
