// Closed forms of the array's cycles (rtl/README.md), exact to the RTL.
#pragma once

#include <cstdint>

#include "sim/array/tile.h"
#include "sim/network/shape.h"

namespace togglewise::array {

// 2R + C + M − 2: R to load, M to stream, R−1 + C−1 to fill and drain.
std::uint64_t tile_cycles(const ArrayShape& shape, int stream_length);

struct LayerCycles {
  std::uint64_t tiles = 0;
  std::uint64_t cycles = 0;       // per image
  std::uint64_t weight_load = 0;  // of them, R per tile
  std::uint64_t stream = 0;       // M per tile
  std::uint64_t fill_drain = 0;   // R + C − 2 per tile
  std::uint64_t macs = 0;         // K·N·M
  double utilization = 0;         // macs / (cycles · R · C)
};

LayerCycles layer_cycles(const ArrayShape& shape, const network::GemmShape& gemm);

}  // namespace togglewise::array
