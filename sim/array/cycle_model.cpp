#include "sim/array/cycle_model.h"

#include "sim/network/tiling.h"

namespace togglewise::array {

std::uint64_t tile_cycles(const ArrayShape& shape, int stream_length) {
  return static_cast<std::uint64_t>(2 * shape.rows + shape.columns + stream_length - 2);
}

LayerCycles layer_cycles(const ArrayShape& shape, const network::GemmShape& gemm) {
  LayerCycles result;
  result.tiles = network::tiles_of(gemm, shape.rows, shape.columns).size();
  const auto rows = static_cast<std::uint64_t>(shape.rows);
  const auto columns = static_cast<std::uint64_t>(shape.columns);
  const auto pixels = static_cast<std::uint64_t>(gemm.output_pixels);
  result.weight_load = result.tiles * rows;
  result.stream = result.tiles * pixels;
  result.fill_drain = result.tiles * (rows + columns - 2);
  result.cycles = result.tiles * tile_cycles(shape, gemm.output_pixels);
  result.macs = static_cast<std::uint64_t>(gemm.reduction) *
                static_cast<std::uint64_t>(gemm.output_channels) * pixels;
  result.utilization =
      static_cast<double>(result.macs) / static_cast<double>(result.cycles * rows * columns);
  return result;
}

}  // namespace togglewise::array
