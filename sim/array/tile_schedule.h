// The recurrence of cycle_model.h: when each tile of a layer is loaded, streamed and drained on an
// array with memories. O(tiles), without allocation.
#pragma once

#include <cstdint>

#include "sim/array/cycle_model.h"

namespace togglewise::array {

// Of one layer; F, R, … as in cycle_model.h.
struct ScheduleSums {
  std::uint64_t cycles = 0;
  std::uint64_t weight_load = 0;
  std::uint64_t fill_drain = 0;
  std::uint64_t ifmap_bytes_fetched = 0;
};

// `hardware.memories` must be given, and every tile must fit (require_tiles_fit).
ScheduleSums schedule_tiles(const config::HardwareConfig& hardware, const LayerShape& layer);

// Whether all of a layer's activations stay in the IFMAP SRAM.
bool ifmap_is_resident(const config::HardwareConfig& hardware, const LayerShape& layer);

// Throws TW-ARRAY-001.
void require_tiles_fit(const config::HardwareConfig& hardware, const LayerShape& layer);

}  // namespace togglewise::array
