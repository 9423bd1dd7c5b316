#include "sim/array/cycle_model.h"

#include <algorithm>

#include "sim/array/tile_schedule.h"

namespace togglewise::array {
namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

// All that follows from sizes alone.
struct Sizes {
  Sizes(const config::HardwareConfig& hardware, const LayerShape& layer)
      : rows(static_cast<std::uint64_t>(hardware.array.rows)),
        columns(static_cast<std::uint64_t>(hardware.array.columns)),
        reduction(static_cast<std::uint64_t>(layer.gemm.reduction)),
        outputs(static_cast<std::uint64_t>(layer.gemm.output_channels)),
        groups(static_cast<std::uint64_t>(layer.gemm.groups)),
        length(static_cast<std::uint64_t>(layer.batch_size) *
               static_cast<std::uint64_t>(layer.gemm.output_pixels)),
        row_tiles(ceil_div(reduction, rows)),
        column_tiles(ceil_div(outputs, columns)) {}

  std::uint64_t rows, columns, reduction, outputs, groups;
  std::uint64_t length;  // M
  std::uint64_t row_tiles, column_tiles;
};

// The closed forms of cycle_model.h.
void count_untimed(const Sizes& s, bool double_buffered, LayerCycles& result) {
  const std::uint64_t drain = s.rows + s.columns - 2;
  const std::uint64_t tiles = result.tiles;
  if (!double_buffered) {
    result.weight_load = tiles * s.rows;
    result.fill_drain = tiles * drain;
  } else {
    const std::uint64_t period = std::max(s.length, 2 * s.rows + s.columns - 1);
    const std::uint64_t wave = s.length < drain + 1 ? drain + 1 - s.length : 0;
    result.weight_load = s.rows + (tiles - 1) * (period - s.length - wave);
    result.fill_drain = (tiles - 1) * wave + drain;
  }
  result.cycles = result.compute + result.weight_load + result.fill_drain;
}

LayerAccesses count_accesses(const Sizes& s, const LayerShape& layer, std::uint64_t ifmap_fetched) {
  const std::uint64_t weights = s.groups * s.reduction * s.outputs;
  const std::uint64_t outputs = s.groups * s.outputs * s.length;
  LayerAccesses accesses;
  accesses.dram_ifmap.read_bytes = ifmap_fetched;
  accesses.dram_filter.read_bytes = weights;
  accesses.dram_ofmap.write_bytes = outputs * static_cast<std::uint64_t>(layer.output_bytes);
  accesses.ifmap_sram.write_bytes = ifmap_fetched;
  accesses.ifmap_sram.read_bytes = s.groups * s.column_tiles * s.reduction * s.length;
  accesses.filter_sram = {weights, weights};
  // Every tile writes, all but a block's first read, and requantization reads.
  accesses.ofmap_sram = {4 * outputs * s.row_tiles, 4 * outputs * s.row_tiles};
  if (layer.pixel_table) {
    const std::uint64_t blocks = s.groups * s.column_tiles;
    accesses.pixel_table.read_bytes =
        static_cast<std::uint64_t>(pixel_table_entry_bytes(layer.gemm)) * s.length * blocks *
        (s.row_tiles + 1);
  }
  return accesses;
}

}  // namespace

std::uint64_t tile_cycles(const ArrayShape& shape, int stream_length) {
  return static_cast<std::uint64_t>(2 * shape.rows + shape.columns - 2) +
         static_cast<std::uint64_t>(stream_length);
}

int pixel_table_entry_bytes(const network::GemmShape& gemm) {
  int bytes = 0;
  for (int highest = gemm.output_pixels - 1; highest > 0; highest /= 256) ++bytes;
  return bytes;
}

LayerShape shape_of(const network::GemmLayer& layer, int batch_size,
                    const network::LayerMapping& mapping) {
  return {layer.name,
          layer.gemm(),
          batch_size,
          layer.window.kernel_height * layer.window.kernel_width,
          std::int64_t{layer.input.height} * layer.input.width,
          layer.output_scale == 0 ? 4 : 1,
          mapping.tile_order,
          mapping.unused_rows_on_top,
          mapping.pixel_order.kind == network::PixelOrder::Kind::table};
}

LayerCycles layer_cycles(const config::HardwareConfig& hardware, const LayerShape& layer) {
  const Sizes sizes(hardware, layer);
  LayerCycles result;
  result.tiles = sizes.groups * sizes.row_tiles * sizes.column_tiles;
  result.compute = result.tiles * sizes.length;
  std::uint64_t ifmap_fetched =
      sizes.groups * ceil_div(sizes.reduction, static_cast<std::uint64_t>(layer.kernel_size)) *
      static_cast<std::uint64_t>(layer.ifmap_channel_bytes) *
      static_cast<std::uint64_t>(layer.batch_size);
  if (hardware.memories.given) {
    require_tiles_fit(hardware, layer);
    const ScheduleSums sums = schedule_tiles(hardware, layer);
    ifmap_fetched = sums.ifmap_bytes_fetched;
    result.cycles = sums.cycles;
    result.weight_load = sums.weight_load;
    result.fill_drain = sums.fill_drain;
    result.stall = result.cycles - result.compute - result.weight_load - result.fill_drain;
  } else {
    count_untimed(sizes, hardware.array.double_buffered_weights, result);
  }
  result.macs = layer.gemm.macs() * static_cast<std::uint64_t>(layer.batch_size);
  const auto pes = static_cast<double>(sizes.rows * sizes.columns);
  result.utilization =
      static_cast<double>(result.macs) / (static_cast<double>(result.cycles) * pes);
  result.mapping_efficiency = static_cast<double>(sizes.groups * sizes.reduction * sizes.outputs) /
                              (static_cast<double>(result.tiles) * pes);
  result.accesses = count_accesses(sizes, layer, ifmap_fetched);
  return result;
}

}  // namespace togglewise::array
