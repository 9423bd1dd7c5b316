// Waves of a few PEs over one tile, as an FST file for GTKWave. Time zero is the tile's first load
// cycle; the clock rises where a cycle begins. Scopes:
//   array.clock
//   array.controller.{phase, busy, done, weight_shift, weight_update, weight_row, activation_valid,
//                     activation_index, output_valid, output_index}
//   array.pe_R_C.{weight, shadow, activation, partial_sum}, and .update with double-buffered
//   weights array.output.column_C: the deskewed sums
// Registers are unknown (x) until the first clock edge of the trace.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "sim/array/tile.h"
#include "sim/systemc/lockstep.h"

namespace togglewise::systemc {

// Both ends are traced.
struct WaveRange {
  int first = 0;
  int last = 0;
  int count() const { return last - first + 1; }
};

struct WaveTraceParams {
  std::filesystem::path file;
  WaveRange rows;
  WaveRange columns;
  double clock_period_ps = 1000;
  std::uint64_t limit_bytes = 100'000'000;  // of WaveEstimate::bytes
};

// What a trace will hold: known before anything has run.
struct WaveEstimate {
  std::uint64_t signals = 0;
  std::uint64_t cycles = 0;
  std::uint64_t bytes = 0;  // if every register changed in every cycle, before compression
};

struct TracedArray {
  array::ArrayShape shape;
  bool double_buffered = false;
};

// `waiting_cycles`: how long a loaded tile may wait for the end of the stream before it.
WaveEstimate estimate_waves(const WaveTraceParams& params, const TracedArray& array,
                            int stream_length, std::uint64_t waiting_cycles = 0);

class WaveTrace {
 public:
  // Throws TW-WAVE-001 when a range leaves the array, TW-WAVE-002 when the estimate is above the
  // limit, TW-WAVE-003 when the file cannot be made.
  WaveTrace(const WaveTraceParams& params, const TracedArray& array, int stream_length,
            std::uint64_t waiting_cycles = 0);
  ~WaveTrace();
  WaveTrace(const WaveTrace&) = delete;
  WaveTrace& operator=(const WaveTrace&) = delete;

  // For Lockstep::observe: records from the first cycle on in which weights are loaded until that
  // tile is done, and ignores everything before and after.
  void record(const LockstepCycle& cycle);
  bool complete() const;
  // Closes the file and gives it its name; to be called when complete.
  void commit();

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace togglewise::systemc
