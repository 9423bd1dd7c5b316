// Cycles, stalls and memory accesses of a layer on the array and its memories, in closed form where
// there is one and by a recurrence over tiles where there is not. Exact to the RTL (cycles without
// stalls) and to the SystemC system model (all of it). What follows is the specification of both.
//
// Time is in clock cycles from the layer's first. Tiles f = 0..F−1 run in the order of
// mapped_tiles(); those of one group and one range of output channels are a column block. R, C: the
// array; D = R + C − 2: its fill and drain; M: vectors streamed through each tile; r, c: the tile's
// used rows and columns. A division that ends in "port" is by the bytes per cycle of that memory's
// port to the array, rounded up, and gives 1 when there is no limit.
//
// Array. It advances in steps: a vector that enters in step s leaves, as sums, in step s + D. Ports
// stretch steps. Loading a tile takes ld = (R − r) + r·u cycles, u = c/FILTER port: the last row
// first, the zeros of idle rows shift at one row a cycle, and every used row waits for its u reads
// and shifts in the last of them (where used rows are on top, zeros come first). While a tile's
// vectors enter, a step takes v = max(r/IFMAP port, w, w of the tile before if that is still
// draining) cycles; after that and until its last sums have left, a step takes w = 4·c·k/OFMAP port
// cycles, k = 1 for a column block's first tile, whose sums are written, and 2 for the others,
// whose sums are read and written. An array without data takes a step a cycle.
//   stream_end(f) = stream_start(f) + M·v; f has drained D steps after that.
//   single-buffered weights: load(f) starts when f−1 has drained and the tile's weights are in the
//     FILTER SRAM; streaming starts at the latest of load_end(f), the arrival of its activations,
//     and a free OFMAP half.
//   double-buffered: load(f) starts when f−1's swap wave has passed the last PE (D + 1 steps after
//     stream_start(f−1)) and the weights have arrived; streaming starts at the latest of
//     load_end(f), stream_end(f−1), the arrival of its activations, and a free OFMAP half; if f−1
//     is still draining then, at the end of the drain's step at hand.
// Without memories that is  F·(2R + C + M − 2)  and  R + (F−1)·max(M, 2R + C − 1) + M + R + C − 2.
//
// Memories. One DRAM channel serves requests in the order of their issue (ties: FILTER, IFMAP,
// OFMAP): n bytes occupy it for ceil(n / bytes_per_cycle) cycles, reads arrive latency_cycles after
// that. The requests of tile 0 are issued at 0, those of tile f+1 at stream_start(f): its weights
// (r·c bytes; a value takes one byte whatever its bits), and the activations that are not on chip.
//   IFMAP: a tile needs the channels that its rows touch, whole feature maps of the batch. When the
//     layer's IFMAP fits the SRAM, each channel is fetched once, when first needed; otherwise each
//     tile fetches its own channels into the other half, unless they are those of the tile before:
//     of the last tile of a column block and the first of the next where tiles alternate, or where
//     the reduction makes a single tile.
//   OFMAP: 32-bit accumulators of a column block stay in one half until its last tile has drained;
//     they are then requantized to one byte each (unless they are the result: output_bytes) and
//     written to DRAM, at the end of which the half
//     is free for the block after the next. An SRAM of unlimited size always has room. The layer
//     ends when its last output is written.
//   Pixels: counters make raster, serpentine and tiled orders. An address table, one for all images
//     of the layer and already there, says which pixel a vector is: to the IFMAP's reads of every
//     tile, and once more when its outputs, which wait in the order of the vectors, go to DRAM. It
//     takes no time: an entry is read ahead of its vector.
//
// Where cycles go. One cycle of each of the M steps in which a vector enters computes, its others
// stall. Of the cycles between, before and after streams, those in which weights shift load
// weights; of each step that load(f) waits for the array (its f−1 draining, or the wave), and of
// each of the last tile's D, one cycle is fill and drain. All others stall: a memory is waited for.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/array/tile.h"
#include "sim/config/hardware_config.h"
#include "sim/network/layer_mapping.h"
#include "sim/network/quantized_network.h"
#include "sim/network/shape.h"

namespace togglewise::array {

// 2R + C + M − 2: R to load, M to stream, R−1 + C−1 to fill and drain.
std::uint64_t tile_cycles(const ArrayShape& shape, int stream_length);

// What the cycles of a layer depend on besides its GEMM: where its activations come from.
struct LayerShape {
  std::string name;  // for messages
  network::GemmShape gemm;
  int batch_size = 1;   // images streamed through a tile without reloading: M·batch
  int kernel_size = 1;  // rows of the GEMM that share an input channel
  std::int64_t ifmap_channel_bytes = 1;  // of one image: height · width; of a plain GEMM: M
  int output_bytes = 1;                  // written per output: 4 where accumulators are the result
  // What a mapping changes.
  network::TileOrder tile_order = network::TileOrder::forward;
  bool unused_rows_on_top = false;
  bool pixel_table = false;
};
LayerShape shape_of(const network::GemmLayer& layer, int batch_size,
                    const network::LayerMapping& mapping = {});

// Of one entry of an address table: enough for every output pixel of an image.
int pixel_table_entry_bytes(const network::GemmShape& gemm);

struct MemoryAccesses {
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
};

// Every byte that moves. SRAM reads and writes are those of both sides: DMA and array. The array
// reads r bytes of IFMAP a vector, r·c of FILTER a tile, and writes 4·c bytes of OFMAP a vector,
// which it read before unless the tile is its block's first; requantization reads each accumulator
// once more. An address table of output pixels, where the mapping has one, is read once per vector
// of every tile and of every column block. Without the section `memories` these are the accesses of
// memories without limits.
struct LayerAccesses {
  MemoryAccesses dram_ifmap, dram_filter, dram_ofmap;
  MemoryAccesses ifmap_sram, filter_sram, ofmap_sram;
  MemoryAccesses pixel_table;
  // (name, accesses) in the order of reports: "dram_ifmap", …, "ofmap_sram", "pixel_table".
  std::vector<std::pair<std::string, MemoryAccesses>> lines() const;
  // Σ bytes · energy per byte of the configuration, in picojoules; 0 where it gives none. The
  // address table is a small SRAM that costs what the IFMAP's does per byte.
  double energy_pj(const config::HardwareConfig::Memories& memories) const;
  LayerAccesses& operator+=(const LayerAccesses& other);
};

// Of one batch. compute + weight_load + fill_drain + stall = cycles.
struct LayerCycles {
  std::uint64_t tiles = 0;
  std::uint64_t cycles = 0;
  std::uint64_t compute = 0;      // a vector enters the array: M per tile
  std::uint64_t weight_load = 0;  // weights shift and nothing enters
  std::uint64_t fill_drain = 0;   // neither, and the array waits for its own registers
  std::uint64_t stall = 0;        // the rest: the array waits for a memory
  std::uint64_t macs = 0;         // K·N·M·groups
  double utilization = 0;         // macs / (cycles · R · C)
  double mapping_efficiency = 0;  // PEs that hold a weight, mean over tiles / (R · C)
  LayerAccesses accesses;

  // Layers one after the other: sums; the fractions become means over the cycles and the tiles.
  LayerCycles& operator+=(const LayerCycles& other);
};

// Throws TW-ARRAY-001 when one tile does not fit a memory, naming layer, memory and bytes needed:
// half an SRAM must hold a tile's weights, its accumulators, and, unless the IFMAP fits as a whole,
// its channels.
// Constant time without memories, proportional to the tiles with them; allocates nothing and may be
// called from many threads, so a sweep may call it for every point.
LayerCycles layer_cycles(const config::HardwareConfig& hardware, const LayerShape& layer);

}  // namespace togglewise::array
