// Which tile's waves `validate --trace` records, checked before anything runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/config/hardware_config.h"
#include "sim/network/quantized_network.h"
#include "sim/systemc/wave_trace.h"

namespace togglewise::cli {

// As the options say it.
struct WaveRequest {
  std::filesystem::path file;
  std::string layer;    // "": the first
  int tile = 0;         // in the order in which the layer's tiles run
  std::string rows;     // FIRST:LAST; "": the first four
  std::string columns;  // the same
  int limit_megabytes = 100;
};

struct WavePlan {
  systemc::WaveTraceParams params;
  systemc::TracedArray array;
  std::string layer_name;
  std::size_t tile = 0;
  int stream_length = 0;
  std::uint64_t waiting_cycles = 0;  // of the loaded tile, for the end of the stream before it
  systemc::WaveEstimate estimate;
};

// Throws TW-WAVE-004 for a layer that the network does not have, TW-WAVE-005 for a tile that the
// layer does not have, TW-WAVE-006 for a range that is none, TW-WAVE-001 for one outside the array.
WavePlan plan_waves(const config::HardwareConfig& config, const network::QuantizedNetwork& network,
                    int batch_size, const WaveRequest& request);

// "waves of tile 0 of conv1: 84 signals, 1234 cycles, at most 0.2 MB before compression"
std::string describe(const WavePlan& plan);

}  // namespace togglewise::cli
