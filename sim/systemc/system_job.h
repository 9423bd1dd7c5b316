// What one run of the system model works on: a layer, cut into tiles in the order in which they
// run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/hardware_config.h"
#include "sim/network/quantized_network.h"
#include "sim/network/tiling.h"

namespace togglewise::systemc {

struct SystemTile {
  network::MappedTile mapped;
  network::TileRange range;
  std::size_t filter_address = 0;  // in DRAM, where its weights lie as the array holds them
  int block = 0;                   // column block: the tiles that add up to the same outputs
  bool first_of_block = false;
  bool last_of_block = false;
  int first_channel = 0;  // of the layer's IFMAP, under the tile's rows
  int channels = 0;
};

struct SystemJob {
  SystemJob(const config::HardwareConfig& hardware_config, const network::GemmLayer& gemm_layer,
            int batch_size, const network::LayerMapping& layer_mapping);

  const config::HardwareConfig& hardware;
  const network::GemmLayer& layer;
  const network::LayerMapping& mapping;
  network::GemmShape gemm;
  int batch = 1;
  int vectors = 0;        // through every tile
  int channel_bytes = 0;  // of one input channel and image
  int output_bytes = 1;   // per output in DRAM: int8, or the 32-bit accumulator of a last layer
  bool timed = false;     // with memories
  bool ifmap_fits = true;
  std::vector<SystemTile> tiles;
  std::vector<std::int8_t> filter;       // all weights, [tile][column][row]
  std::vector<std::uint32_t> pixels;     // the m-th pixel streamed, of a generator
  int table_entry_bytes = 0;             // of an address table; 0: a generator
  std::vector<std::int8_t> pixel_table;  // its entries, the lowest byte first

 private:
  void add_weights(SystemTile& tile);
  void add_pixels();
};

}  // namespace togglewise::systemc
