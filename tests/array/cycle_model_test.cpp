// Cycles, stalls and accesses of a layer. The SystemC system model holds the recurrence equal cycle
// by cycle (tests/systemc/system_model_test.cpp); here are the closed forms and cases worked by
// hand.
#include "sim/array/cycle_model.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/network/tiling.h"

namespace togglewise::array {
namespace {

config::HardwareConfig array_of(int rows, int columns, bool double_buffered = false) {
  config::HardwareConfig hardware;
  hardware.file = "hardware.yaml";
  hardware.array.rows = rows;
  hardware.array.columns = columns;
  hardware.array.double_buffered_weights = double_buffered;
  return hardware;
}

LayerShape gemm_of(int reduction, int output_channels, int output_pixels, int groups = 1) {
  LayerShape layer;
  layer.name = "gemm";
  layer.gemm = {reduction, output_channels, output_pixels, groups};
  layer.ifmap_channel_bytes = output_pixels;
  return layer;
}

TEST(LayerCycles, EqualTheClosedForm_PerTile) {
  // conv2 of LeNet-5 on 64×64: K = 150 makes three tiles of 2·64 + 64 + 100 − 2 cycles.
  const LayerCycles cycles = layer_cycles(array_of(64, 64), gemm_of(150, 16, 100));
  EXPECT_EQ(cycles.tiles, 3U);
  EXPECT_EQ(cycles.cycles, 3U * (2 * 64 + 64 + 100 - 2));
  EXPECT_EQ(cycles.macs, 150U * 16U * 100U);
  EXPECT_DOUBLE_EQ(cycles.utilization, 240000.0 / (870.0 * 4096.0));
  EXPECT_DOUBLE_EQ(cycles.mapping_efficiency, 150.0 * 16.0 / (3 * 4096.0));
}

TEST(LayerCycles, HideLoadsUnderStreams_WithDoubleBufferedWeights) {
  // Three tiles that stream 500 vectors, more than the 2·64 + 64 − 1 of a wave and a load.
  const LayerCycles cycles = layer_cycles(array_of(64, 64, true), gemm_of(150, 16, 500));
  EXPECT_EQ(cycles.cycles, 64U + 3U * 500U + 64U + 64U - 2U);
  EXPECT_EQ(cycles.weight_load, 64U);
  EXPECT_EQ(cycles.fill_drain, 126U);
}

// The SCALE-Sim of docs/cycles.md counts from zero: its total is one less than ours.
TEST(LayerCycles, AreTheClosedForms_OnAnyShape) {
  for (const int rows : {1, 3, 16, 64}) {
    for (const int columns : {1, 5, 64}) {
      for (const bool double_buffered : {false, true}) {
        for (const LayerShape& layer : {gemm_of(1, 1, 1), gemm_of(65, 63, 7), gemm_of(16, 5, 1),
                                        gemm_of(9, 1, 49, 12), gemm_of(130, 130, 300)}) {
          const LayerCycles c = layer_cycles(array_of(rows, columns, double_buffered), layer);
          const std::size_t tiles = network::tiles_of(layer.gemm, rows, columns).size();
          const auto length = static_cast<std::size_t>(layer.gemm.output_pixels);
          const std::size_t per_tile = 2U * rows + columns + length - 2;
          const std::size_t hidden =
              rows + (tiles - 1) * std::max<std::size_t>(length, 2U * rows + columns - 1) + length +
              rows + columns - 2;
          EXPECT_EQ(c.tiles, tiles);
          EXPECT_EQ(c.cycles, double_buffered ? hidden : tiles * per_tile);
          EXPECT_EQ(c.compute, tiles * length);
          EXPECT_EQ(c.compute + c.weight_load + c.fill_drain, c.cycles);
          EXPECT_EQ(c.stall, 0U);
          EXPECT_LE(c.utilization, 1.0);
        }
      }
    }
  }
}

TEST(LayerCycles, ShowThatDepthwiseUsesOneColumn) {
  // 32 channels of 3×3 on 64×64: one tile of 9 rows and one column for each.
  LayerShape depthwise = gemm_of(9, 1, 196, 32);
  depthwise.kernel_size = 9;
  const LayerCycles cycles = layer_cycles(array_of(64, 64), depthwise);
  EXPECT_EQ(cycles.tiles, 32U);
  EXPECT_DOUBLE_EQ(cycles.mapping_efficiency, 9.0 / 4096.0);
}

// One tile by hand: 12 weights at 4 bytes a cycle arrive at 3 + 10, 15 activations at 7 + 10.
TEST(LayerCycles, WaitForDram_AsWorkedByHand) {
  config::HardwareConfig hardware = array_of(3, 4);
  hardware.memories.given = true;
  hardware.memories.dram.bytes_per_cycle = 4;
  hardware.memories.dram.latency_cycles = 10;
  const LayerCycles c = layer_cycles(hardware, gemm_of(3, 4, 5));
  // Loads in 13..15, streams from 17, has drained at 22 + 5; 20 outputs are written in 5.
  EXPECT_EQ(c.cycles, 17U + 5U + 5U + 5U);
  EXPECT_EQ(c.weight_load, 3U);
  EXPECT_EQ(c.compute, 5U);
  EXPECT_EQ(c.fill_drain, 5U);
  EXPECT_EQ(c.stall, 13U + 1U + 5U);
  EXPECT_EQ(c.accesses.dram_filter.read_bytes, 12U);
  EXPECT_EQ(c.accesses.dram_ifmap.read_bytes, 15U);
  EXPECT_EQ(c.accesses.dram_ofmap.write_bytes, 20U);
  EXPECT_EQ(c.accesses.ifmap_sram.write_bytes, 15U);
  EXPECT_EQ(c.accesses.ifmap_sram.read_bytes, 15U);
  EXPECT_EQ(c.accesses.ofmap_sram.write_bytes, 80U);
  EXPECT_EQ(c.accesses.ofmap_sram.read_bytes, 80U);
}

TEST(LayerCycles, CountThousandthsOfABytePerCycle) {
  config::HardwareConfig hardware = array_of(1, 1);
  hardware.memories.given = true;
  hardware.memories.dram.latency_cycles = 0;
  // Three reads or writes of one byte: ceil(1 / 0.3) = 4 cycles each, and one each to load and
  // stream.
  hardware.memories.dram.bytes_per_cycle = 0.3;
  EXPECT_EQ(layer_cycles(hardware, gemm_of(1, 1, 1)).cycles, 4U + 4U + 1U + 4U);
  hardware.memories.dram.bytes_per_cycle = 0.334;
  EXPECT_EQ(layer_cycles(hardware, gemm_of(1, 1, 1)).cycles, 3U + 3U + 1U + 3U);
}

TEST(LayerCycles, TakeEnergyFromTheConfiguration) {
  config::HardwareConfig hardware = array_of(3, 4);
  hardware.memories.given = true;
  const LayerAccesses accesses = layer_cycles(hardware, gemm_of(3, 4, 5)).accesses;
  EXPECT_EQ(accesses.energy_pj(hardware.memories), 0);
  hardware.memories.dram.read_pj_per_byte = 100;
  hardware.memories.dram.write_pj_per_byte = 200;
  hardware.memories.ofmap_sram.read_pj_per_byte = 0.5;
  EXPECT_DOUBLE_EQ(accesses.energy_pj(hardware.memories), 27 * 100 + 20 * 200 + 80 * 0.5);
}

void expect_too_small(const config::HardwareConfig& hardware, const LayerShape& layer,
                      const std::vector<std::string>& words) {
  try {
    layer_cycles(hardware, layer);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-ARRAY-001");
    EXPECT_EQ(error.exit_status(), 2);
    EXPECT_EQ(error.file(), "hardware.yaml");
    for (const std::string& word : words) EXPECT_THAT(error.what(), testing::HasSubstr(word));
  }
}

TEST(LayerCycles, NameTheMemory_ThatIsTooSmallForOneTile) {
  const LayerShape layer = gemm_of(10, 6, 7);
  config::HardwareConfig hardware = array_of(4, 4);
  hardware.memories.given = true;
  hardware.memories.filter_sram.bytes = 31;
  expect_too_small(hardware, layer,
                   {"layer 'gemm' needs 16 bytes for the weights", "half of 'memories.filter_sram",
                    "at least 32"});
  hardware.memories.filter_sram.bytes = 32;
  hardware.memories.ofmap_sram.bytes = 2 * 4 * 4 * 7 - 1;
  expect_too_small(hardware, layer,
                   {"needs 112 bytes for the 32-bit acc", "'memories.ofmap_sram."});
  hardware.memories.ofmap_sram.bytes = 2 * 4 * 4 * 7;
  hardware.memories.ifmap_sram.bytes = 55;
  expect_too_small(hardware, layer, {"needs 28 bytes for the input ch", "'memories.ifmap_sram."});
  hardware.memories.ifmap_sram.bytes = 56;
  const LayerCycles tight = layer_cycles(hardware, layer);
  EXPECT_EQ(tight.accesses.dram_ifmap.read_bytes, 2U * 70U);  // once for each column block
  LayerShape alternating = layer;
  alternating.tile_order = network::TileOrder::alternating;
  // The second block begins with the two channels that the first one ended with.
  EXPECT_EQ(layer_cycles(hardware, alternating).accesses.dram_ifmap.read_bytes, 2U * 70U - 14U);
  hardware.memories.ifmap_sram.bytes = 70;  // the whole IFMAP, though no half holds it
  EXPECT_EQ(layer_cycles(hardware, layer).accesses.dram_ifmap.read_bytes, 70U);
  EXPECT_EQ(layer_cycles(hardware, alternating).accesses.dram_ifmap.read_bytes, 70U);
}

// Two groups of one column block each: the second one's runs backwards and fetches its channels
// from the last one on.
TEST(LayerCycles, FetchEachChannelOnce_WhenAGroupBeginsWithItsLastTile) {
  config::HardwareConfig hardware = array_of(4, 8);
  hardware.memories.given = true;
  LayerShape layer = gemm_of(2 * 9, 6, 7, 2);
  layer.kernel_size = 9;
  const std::uint64_t bytes = layer_cycles(hardware, layer).accesses.dram_ifmap.read_bytes;
  EXPECT_EQ(bytes, 2U * 2U * 7U);
  layer.tile_order = network::TileOrder::alternating;
  EXPECT_EQ(layer_cycles(hardware, layer).accesses.dram_ifmap.read_bytes, bytes);
}

// Loads that are partly hidden under a stream: with zeros first, more rows have shifted by its end.
TEST(LayerCycles, CountRowsThatShiftUnderAStream_InTheOrderInWhichTheyDo) {
  config::HardwareConfig hardware = array_of(3, 2, true);
  hardware.memories.given = true;
  hardware.memories.dram.bytes_per_cycle = 1000;
  hardware.memories.dram.latency_cycles = 0;
  hardware.memories.filter_sram.bytes_per_cycle = 1;  // two cycles for a used row's two weights
  // The wave of tile 0 has passed two cycles before its stream ends: under it shift both of tile
  // 1's zeros, or, where it comes first, its used row.
  LayerShape layer = gemm_of(4, 2, 6);
  const LayerCycles zeros_first = layer_cycles(hardware, layer);
  layer.unused_rows_on_top = true;
  const LayerCycles used_first = layer_cycles(hardware, layer);
  EXPECT_EQ(zeros_first.cycles, used_first.cycles);
  EXPECT_EQ(zeros_first.weight_load, 3U + 1U);
  EXPECT_EQ(used_first.weight_load, 3U + 2U);
  EXPECT_EQ(zeros_first.stall, used_first.stall + 1);
}

TEST(LayerCycles, ReadAnAddressTable_OncePerVectorOfATileAndOfABlock) {
  config::HardwareConfig hardware = array_of(4, 4);
  LayerShape layer = gemm_of(10, 6, 7);
  EXPECT_EQ(layer_cycles(hardware, layer).accesses.pixel_table.read_bytes, 0U);
  layer.pixel_table = true;
  layer.batch_size = 2;
  const LayerAccesses accesses = layer_cycles(hardware, layer).accesses;
  EXPECT_EQ(accesses.pixel_table.read_bytes, 14U * (6U + 2U));
  EXPECT_EQ(accesses.pixel_table.write_bytes, 0U);
  EXPECT_EQ(accesses.lines().back().first, "pixel_table");
  hardware.memories.ifmap_sram.read_pj_per_byte = 2;
  EXPECT_DOUBLE_EQ(accesses.energy_pj(hardware.memories),
                   2.0 * static_cast<double>(accesses.ifmap_sram.read_bytes + 112));
}

TEST(LayerCycles, GiveAnEntryBytesForEveryPixel) {
  EXPECT_EQ(pixel_table_entry_bytes({1, 1, 1, 1}), 0);
  EXPECT_EQ(pixel_table_entry_bytes({1, 1, 2, 1}), 1);
  EXPECT_EQ(pixel_table_entry_bytes({1, 1, 256, 1}), 1);
  EXPECT_EQ(pixel_table_entry_bytes({1, 1, 257, 1}), 2);
  EXPECT_EQ(pixel_table_entry_bytes({1, 1, 65536, 1}), 2);
  EXPECT_EQ(pixel_table_entry_bytes({1, 1, 65537, 1}), 3);
}

TEST(LayerShape, OfALayer_KnowsItsChannelsAndWhatIsWritten) {
  network::GemmLayer layer;
  layer.name = "conv";
  layer.input = {6, 14, 12};
  layer.output = {16, 10, 8};
  layer.window = network::square_window(5, 1, 0);
  layer.output_scale = 1;
  const LayerShape shape = shape_of(layer, 3);
  EXPECT_EQ(shape.kernel_size, 25);
  EXPECT_EQ(shape.ifmap_channel_bytes, 14 * 12);
  EXPECT_EQ(shape.output_bytes, 1);
  EXPECT_EQ(layer_cycles(array_of(64, 64), shape).compute, 3U * 3U * 80U);
  layer.output_scale = 0;  // logits are not requantized
  EXPECT_EQ(shape_of(layer, 3).output_bytes, 4);
  EXPECT_FALSE(shape_of(layer, 3).pixel_table);
  network::LayerMapping mapping;
  mapping.unused_rows_on_top = true;
  mapping.tile_order = network::TileOrder::alternating;
  mapping.pixel_order.kind = network::PixelOrder::Kind::table;
  const LayerShape mapped = shape_of(layer, 3, mapping);
  EXPECT_TRUE(mapped.unused_rows_on_top);
  EXPECT_EQ(mapped.tile_order, network::TileOrder::alternating);
  EXPECT_TRUE(mapped.pixel_table);
}

}  // namespace
}  // namespace togglewise::array
