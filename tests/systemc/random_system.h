// Random layers and hardware for the system model, small enough that hundreds run in a second.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sim/array/cycle_model.h"
#include "sim/base/random.h"
#include "sim/config/hardware_config.h"
#include "sim/network/im2col.h"
#include "sim/network/quantized_network.h"
#include "sim/network/tiling.h"
#include "sim/systemc/system_model.h"

namespace togglewise::systemc::testing {

// SystemC has one kernel per process: all tests of this binary share one model.
inline SystemModel& system_model() {
  static SystemModel model;
  return model;
}

// rc::check() with a fixed seed and more runs, so that the suite does the same every time.
// RC_PARAMS in the environment ("max_success=10000", which draws a seed) takes over.
template <class Property>
::testing::AssertionResult holds(const Property& property) {
  rc::detail::TestParams parameters = rc::detail::configuration().testParams;
  if (!std::getenv("RC_PARAMS")) {
    parameters.seed = 1;
    parameters.maxSuccess = 1000;
  }
  const rc::detail::TestResult result =
      rc::detail::checkTestable(property, rc::detail::TestMetadata(), parameters);
  if (result.template is<rc::detail::SuccessResult>()) return ::testing::AssertionSuccess();
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  return ::testing::AssertionFailure() << "seed " << parameters.seed << "\n" << text.str();
}

// From low to high, both included, at full range from the first run on; the second often the
// lowest.
inline int draw(int low, int high) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high + 1));
}
inline int draw_corner(int low, int high) { return draw(0, 3) == 0 ? low : draw(low, high); }

inline config::HardwareConfig draw_array(int largest) {
  config::HardwareConfig hardware;
  hardware.array.rows = draw_corner(1, largest);
  hardware.array.columns = draw_corner(1, largest);
  hardware.array.partial_sum_bits = config::derived_partial_sum_bits(hardware.array);
  hardware.array.double_buffered_weights = *rc::gen::arbitrary<bool>();
  return hardware;
}

// Sizes from grouped, padded, strided and dilated convolutions down to single values.
inline network::GemmLayer draw_layer() {
  network::GemmLayer layer;
  layer.name = "drawn";
  layer.groups = draw_corner(1, 3);
  layer.input = {layer.groups * draw_corner(1, 6), draw_corner(1, 5), draw_corner(1, 5)};
  network::Window& window = layer.window;
  window.stride_height = draw(1, 2);
  window.stride_width = draw(1, 2);
  window.pad_top = draw(0, 1);
  window.pad_left = draw(0, 1);
  window.pad_bottom = draw(0, 1);
  window.pad_right = draw(0, 1);
  const int height = layer.input.height + window.pad_top + window.pad_bottom;
  const int width = layer.input.width + window.pad_left + window.pad_right;
  window.kernel_height = draw(1, std::min(3, height));
  window.kernel_width = draw(1, std::min(3, width));
  window.dilation_height = 2 * (window.kernel_height - 1) < height ? draw(1, 2) : 1;
  window.dilation_width = 2 * (window.kernel_width - 1) < width ? draw(1, 2) : 1;
  layer.output = {layer.groups * draw_corner(1, 9), window.output_height(layer.input.height),
                  window.output_width(layer.input.width)};
  layer.input_scale = 0.02F;
  layer.output_scale = draw(0, 3) == 0 ? 0.0F : 0.3F;
  layer.relu = *rc::gen::arbitrary<bool>();
  layer.high = draw(0, 1) == 0 ? 127 : 60;
  return layer;
}

inline std::vector<std::int8_t> random_bytes(Random& random, std::size_t count) {
  std::vector<std::int8_t> bytes(count);
  for (std::int8_t& byte : bytes) byte = static_cast<std::int8_t>(random.between(-128, 127));
  return bytes;
}

// Weights, biases and scales from a seed: rapidcheck need not shrink them.
inline void fill(network::GemmLayer& layer, Random& random) {
  const auto channels = static_cast<std::size_t>(layer.output.channels);
  layer.weights = random_bytes(random, channels * static_cast<std::size_t>(layer.gemm().reduction));
  for (std::size_t channel = 0; channel < channels; ++channel) {
    layer.bias.push_back(random.between(-3000, 3000));
    layer.weight_scale.push_back(static_cast<float>(0.005 + 0.02 * random.unit()));
  }
}

template <class Number>
std::vector<Number> random_order(Random& random, int count) {
  std::vector<Number> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), Number{0});
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.below(static_cast<int>(i))]);
  return order;
}

inline network::PixelOrder draw_pixel_order(const network::GemmLayer& layer, Random& random) {
  using Kind = network::PixelOrder::Kind;
  network::PixelOrder order;
  order.kind = *rc::gen::element(Kind::raster, Kind::serpentine, Kind::tiled, Kind::table);
  if (order.kind == Kind::tiled) {
    order.block_height = draw(1, 3);
    order.block_width = draw(1, 3);
  } else if (order.kind == Kind::table) {
    order.table = random_order<std::uint32_t>(random, layer.gemm().output_pixels);
  }
  return order;
}

// Whether the array can hold the tile's column negated: the lowest weight has no negative.
inline bool can_be_negated(const network::GemmLayer& layer, const network::MappedTile& tile,
                           std::size_t column) {
  const network::GemmShape gemm = layer.gemm();
  const int channel = tile.range.group * gemm.output_channels + tile.channels[column];
  for (const int k : tile.reduction)
    if (layer.weights[static_cast<std::size_t>(channel) * gemm.reduction + k] == -128) return false;
  return true;
}

// Anything that a mapping may choose, each of it often not at all.
inline network::LayerMapping draw_mapping(const config::HardwareConfig& hardware,
                                          const network::GemmLayer& layer, Random& random) {
  const config::HardwareConfig::Array& array = hardware.array;
  const network::GemmShape gemm = layer.gemm();
  network::LayerMapping mapping;
  mapping.unused_rows_on_top = draw(0, 1) == 1;
  mapping.pixel_order = draw_pixel_order(layer, random);
  if (draw(0, 1) == 1) mapping.tile_order = network::TileOrder::alternating;
  if (draw(0, 1) == 1) {
    for (int group = 0; group < gemm.groups; ++group) {
      const auto order = random_order<std::uint16_t>(random, gemm.output_channels);
      mapping.column_order.insert(mapping.column_order.end(), order.begin(), order.end());
    }
  }
  const std::int32_t largest = network::largest_partial_sum_offset(
      array.rows, array.weight_bits, array.activation_bits, array.partial_sum_bits);
  mapping.partial_sum_offset = *rc::gen::element(0, largest, largest / 3, 1 & largest);
  if (draw(0, 2) == 0) return mapping;
  const auto tiles = network::mapped_tiles(gemm, mapping, array.rows, array.columns);
  mapping.tiles.resize(tiles.size());
  for (const network::MappedTile& tile : tiles) {
    network::TileMapping& chosen = mapping.tiles[tile.index];
    if (random.below(3) != 0)
      chosen.row_order = random_order<std::uint16_t>(random, tile.range.rows());
    if (random.below(3) == 0) continue;
    for (std::size_t column = 0; column < tile.channels.size(); ++column)
      chosen.negated.push_back(random.below(2) == 0 && can_be_negated(layer, tile, column));
  }
  return mapping;
}

// Memories that all tiles fit, the IFMAP sometimes as a whole; every limit may be missing.
inline config::HardwareConfig::Memories draw_memories(const config::HardwareConfig& hardware,
                                                      const network::GemmLayer& layer, int batch) {
  const network::GemmShape gemm = layer.gemm();
  config::HardwareConfig::Memories memories;
  memories.given = true;
  memories.dram.bytes_per_cycle =
      *rc::gen::element(0.125, 0.3, 1.0, 2.5, 7.0, 16.0, 64.333, 10000.0);
  memories.dram.latency_cycles = draw_corner(0, 60);
  const int rows = std::min(hardware.array.rows, gemm.reduction);
  const int columns = std::min(hardware.array.columns, gemm.output_channels);
  memories.filter_sram.bytes = 2 * rows * columns + draw(0, 3);
  memories.ofmap_sram.bytes = 8 * columns * gemm.output_pixels * batch + draw(0, 3);
  const int channel_bytes = layer.input.height * layer.input.width * batch;
  const int kernel = layer.window.kernel_height * layer.window.kernel_width;
  const int touched =
      std::min(layer.input.channels / layer.groups, (rows + kernel - 2) / kernel + 1);
  memories.ifmap_sram.bytes =
      draw(0, 2) == 0 ? layer.input.channels * channel_bytes : 2 * touched * channel_bytes;
  for (config::HardwareConfig::Memories::Sram* sram :
       {&memories.ifmap_sram, &memories.filter_sram, &memories.ofmap_sram}) {
    if (draw(0, 4) == 0) sram->bytes = 0;
    sram->bytes_per_cycle = draw(0, 1) == 0 ? 0 : draw_corner(1, 40);
  }
  return memories;
}

inline std::int32_t wrapped(std::int32_t value, int bits) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << (32 - bits)) >> (32 - bits);
}

// What the layer must leave in DRAM: im2col times weights, the sums of each tile wrapped to
// `partial_sum_bits`, then bias and, unless `requantize` is false, requantization.
inline std::vector<std::int32_t> expected_outputs(const config::HardwareConfig& hardware,
                                                  const network::GemmLayer& layer,
                                                  const std::vector<std::int8_t>& ifmaps,
                                                  int batch) {
  const network::GemmShape gemm = layer.gemm();
  const std::vector<network::FixedPointScale> scales = layer.requantization();
  std::vector<std::int32_t> outputs;
  for (int image = 0; image < batch; ++image) {
    const std::vector<std::int8_t> matrix =
        network::im2col(layer, ifmaps.data() + image * layer.input.size());
    for (int channel = 0; channel < layer.output.channels; ++channel) {
      const int group = channel / gemm.output_channels;
      const std::int8_t* weights =
          layer.weights.data() + static_cast<std::size_t>(channel) * gemm.reduction;
      for (int pixel = 0; pixel < gemm.output_pixels; ++pixel) {
        const std::int8_t* row =
            matrix.data() +
            (static_cast<std::size_t>(pixel) * gemm.groups + group) * gemm.reduction;
        std::int32_t total = layer.bias[channel];
        for (int begin = 0; begin < gemm.reduction; begin += hardware.array.rows) {
          const int end = std::min(begin + hardware.array.rows, gemm.reduction);
          std::int32_t sum = 0;
          for (int k = begin; k < end; ++k) sum += weights[k] * row[k];
          total += wrapped(sum, hardware.array.partial_sum_bits);
        }
        outputs.push_back(scales.empty() ? total
                                         : network::requantize(total, scales[channel],
                                                               layer.relu ? 0 : -128, layer.high));
      }
    }
  }
  return outputs;
}

inline std::vector<std::int32_t> outputs_of(const SystemRun& run) {
  if (!run.accumulators.empty()) return run.accumulators;
  return {run.ofmap.begin(), run.ofmap.end()};
}

// Every field by name, so that a difference is read at once.
inline std::string described(const array::LayerCycles& cycles) {
  std::ostringstream text;
  text << "tiles " << cycles.tiles << "\ncycles " << cycles.cycles << "\ncompute " << cycles.compute
       << "\nweight_load " << cycles.weight_load << "\nfill_drain " << cycles.fill_drain
       << "\nstall " << cycles.stall << "\nmacs " << cycles.macs << "\nutilization "
       << cycles.utilization << "\nmapping_efficiency " << cycles.mapping_efficiency << "\n";
  for (const auto& [name, accesses] : cycles.accesses.lines())
    text << name << " " << accesses.read_bytes << " read, " << accesses.write_bytes << " written\n";
  return text.str();
}

inline std::string described(const config::HardwareConfig& hardware,
                             const network::GemmLayer& layer, int batch) {
  const network::GemmShape gemm = layer.gemm();
  const config::HardwareConfig::Memories& memories = hardware.memories;
  std::ostringstream text;
  text << "R " << hardware.array.rows << " C " << hardware.array.columns << " double "
       << hardware.array.double_buffered_weights << "; K " << gemm.reduction << " N "
       << gemm.output_channels << " M " << gemm.output_pixels << " × batch " << batch << " groups "
       << gemm.groups << "\nchannels " << layer.input.channels << " of " << layer.input.height
       << "x" << layer.input.width << ", kernel " << layer.window.kernel_height << "x"
       << layer.window.kernel_width;
  if (memories.given) {
    text << "\nDRAM " << memories.dram.bytes_per_cycle << " bytes/cycle, latency "
         << memories.dram.latency_cycles;
    for (const auto& [name, sram] : {std::pair{"ifmap", memories.ifmap_sram},
                                     {"filter", memories.filter_sram},
                                     {"ofmap", memories.ofmap_sram}})
      text << "; " << name << " " << sram.bytes << " bytes, port " << sram.bytes_per_cycle;
  }
  return text.str();
}

inline std::string described(const network::LayerMapping& mapping) {
  std::ostringstream text;
  text << "\nrows on top " << mapping.unused_rows_on_top << ", pixels "
       << to_string(mapping.pixel_order.kind) << " " << mapping.pixel_order.block_height << "x"
       << mapping.pixel_order.block_width << ", columns " << mapping.column_order.size()
       << ", alternating " << (mapping.tile_order == network::TileOrder::alternating) << ", offset "
       << mapping.partial_sum_offset << ", tiles " << mapping.tiles.size();
  return text.str();
}

}  // namespace togglewise::systemc::testing
