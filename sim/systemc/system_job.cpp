#include "sim/systemc/system_job.h"

namespace togglewise::systemc {

SystemJob::SystemJob(const config::HardwareConfig& hardware_config,
                     const network::GemmLayer& gemm_layer, int batch_size,
                     const network::LayerMapping& layer_mapping)
    : hardware(hardware_config),
      layer(gemm_layer),
      mapping(layer_mapping),
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
  int block = -1;
  for (network::MappedTile& mapped :
       network::mapped_tiles(gemm, mapping, hardware.array.rows, hardware.array.columns)) {
    SystemTile tile;
    tile.range = mapped.range;
    tile.first_of_block = mapped.starts_block;
    if (tile.first_of_block) {
      ++block;
      if (!tiles.empty()) tiles.back().last_of_block = true;
    }
    tile.block = block;
    const int first = tile.range.row_begin / kernel;
    tile.first_channel = tile.range.group * group_channels + first;
    tile.channels = (tile.range.row_end - 1) / kernel + 1 - first;
    tile.mapped = std::move(mapped);
    add_weights(tile);
    tiles.push_back(std::move(tile));
  }
  tiles.back().last_of_block = true;
  add_pixels();
}

// They are laid out before anything runs, negated ones too.
void SystemJob::add_weights(SystemTile& tile) {
  const network::MappedTile& mapped = tile.mapped;
  tile.filter_address = filter.size();
  for (std::size_t column = 0; column < mapped.channels.size(); ++column) {
    const bool negated = !mapped.negated.empty() && mapped.negated[column] != 0;
    const int channel = tile.range.group * gemm.output_channels + mapped.channels[column];
    for (const int k : mapped.reduction) {
      const std::int8_t weight = layer.weights[static_cast<std::size_t>(channel) *
                                                   static_cast<std::size_t>(gemm.reduction) +
                                               static_cast<std::size_t>(k)];
      filter.push_back(negated ? static_cast<std::int8_t>(-weight) : weight);
    }
  }
}

void SystemJob::add_pixels() {
  pixels = mapping.pixel_order.pixels(layer.output.height, layer.output.width);
  if (mapping.pixel_order.kind != network::PixelOrder::Kind::table) return;
  while (std::int64_t{1} << (8 * table_entry_bytes) < gemm.output_pixels) ++table_entry_bytes;
  for (const std::uint32_t pixel : pixels)
    for (int byte = 0; byte < table_entry_bytes; ++byte)
      pixel_table.push_back(static_cast<std::int8_t>(pixel >> (8 * byte) & 0xff));
}

}  // namespace togglewise::systemc
