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
  network::TileRange range;
  int block = 0;  // column block: the tiles that add up to the same outputs
  bool first_of_block = false;
  bool last_of_block = false;
  int first_channel = 0;  // of the layer's IFMAP, under the tile's rows
  int channels = 0;
};

struct SystemJob {
  SystemJob(const config::HardwareConfig& hardware_config, const network::GemmLayer& gemm_layer,
            int batch_size);

  const config::HardwareConfig& hardware;
  const network::GemmLayer& layer;
  network::GemmShape gemm;
  int batch = 1;
  int vectors = 0;        // through every tile
  int channel_bytes = 0;  // of one input channel and image
  int output_bytes = 1;   // per output in DRAM: int8, or the 32-bit accumulator of a last layer
  bool timed = false;     // with memories
  bool ifmap_fits = true;
  std::vector<SystemTile> tiles;
};

}  // namespace togglewise::systemc
