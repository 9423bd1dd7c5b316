#include "sim/array/cycle_model.h"

#include <algorithm>

#include "sim/network/tiling.h"

namespace togglewise::array {

std::uint64_t tile_cycles(const ArrayShape& shape, int stream_length) {
  return static_cast<std::uint64_t>(2 * shape.rows + shape.columns + stream_length - 2);
}

LayerShape shape_of(const network::GemmLayer& layer, int batch_size) {
  return {layer.name, layer.gemm(), batch_size,
          layer.window.kernel_height * layer.window.kernel_width,
          std::int64_t{layer.input.height} * layer.input.width};
}

LayerCycles layer_cycles(const config::HardwareConfig& hardware, const LayerShape& layer) {
  const auto rows = static_cast<std::uint64_t>(hardware.array.rows);
  const auto columns = static_cast<std::uint64_t>(hardware.array.columns);
  const auto length = static_cast<std::uint64_t>(layer.batch_size) *
                      static_cast<std::uint64_t>(layer.gemm.output_pixels);
  LayerCycles result;
  result.tiles = network::tiles_of(layer.gemm, hardware.array.rows, hardware.array.columns).size();
  result.weight_load = result.tiles * rows;
  result.compute = result.tiles * length;
  result.fill_drain = result.tiles * (rows + columns - 2);
  result.cycles = result.weight_load + result.compute + result.fill_drain;
  result.macs = layer.gemm.macs() * static_cast<std::uint64_t>(layer.batch_size);
  result.utilization =
      static_cast<double>(result.macs) / static_cast<double>(result.cycles * rows * columns);
  return result;
}

}  // namespace togglewise::array
