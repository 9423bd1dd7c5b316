#include "sim/systemc/system_job.h"

namespace togglewise::systemc {

SystemJob::SystemJob(const config::HardwareConfig& hardware_config,
                     const network::GemmLayer& gemm_layer, int batch_size)
    : hardware(hardware_config),
      layer(gemm_layer),
      gemm(gemm_layer.gemm()),
      batch(batch_size),
      vectors(batch_size * gemm.output_pixels),
      channel_bytes(layer.input.height * layer.input.width),
      output_bytes(layer.output_scale == 0 ? 4 : 1),
      timed(hardware.memories.given) {
  const std::int64_t sram = hardware.memories.ifmap_sram.bytes;
  ifmap_fits = !timed || sram == 0 || static_cast<std::int64_t>(layer.input.size()) * batch <= sram;
  const int kernel = layer.window.kernel_height * layer.window.kernel_width;
  const int group_channels = layer.input.channels / layer.groups;
  int block = 0;
  for (const network::TileRange& range :
       network::tiles_of(gemm, hardware.array.rows, hardware.array.columns)) {
    SystemTile tile;
    tile.range = range;
    tile.first_of_block = range.row_begin == 0;
    tile.last_of_block = range.row_end == gemm.reduction;
    tile.block = block;
    if (tile.last_of_block) ++block;
    const int first = range.row_begin / kernel;
    tile.first_channel = range.group * group_channels + first;
    tile.channels = (range.row_end - 1) / kernel + 1 - first;
    tiles.push_back(tile);
  }
}

}  // namespace togglewise::systemc
