// Which layer, tile and PEs `export-activity` was asked for.
#pragma once

#include <string>

#include "sim/activity/tile_selection.h"
#include "sim/array/tile_streams.h"
#include "sim/config/hardware_config.h"
#include "sim/network/traces.h"

namespace togglewise::cli {

struct ActivityRequest {
  std::string layer;  // name, or number from 0; "": the first layer
  int tile = 0;
  std::string pe;   // "row,column"; "": one in the middle of the tile
  int column = -1;  // all used PEs of a column; −1: not asked for
  bool all_pes = false;
  int image = 0;  // the first image
  int images = 1;
};

struct ActivitySelection {
  std::size_t layer = 0;  // index into the traces
  std::string layer_name;
  int tile = 0;
  int tiles = 0;
  array::TileStreams streams;
  activity::PeRange range;
};

// Throws TW-ACT-001 … TW-ACT-006.
ActivitySelection select_activity(const ActivityRequest& request,
                                  const config::HardwareConfig& config,
                                  const network::Traces& traces);

}  // namespace togglewise::cli
