// The sequencer of the system model: in the first half of every clock cycle it decides what the
// array does in it, starts tiles when all they need is there, asks for the next ones' operands, and
// says what the cycle was spent on.
#pragma once

#include <cstdint>

#include <systemc>

#include "sim/systemc/system_buffers.h"

namespace togglewise::systemc {

struct SequencerCounts {
  std::uint64_t cycles = 0;
  std::uint64_t compute = 0;
  std::uint64_t weight_load = 0;
  std::uint64_t fill_drain = 0;
  std::uint64_t stall = 0;
};

class Sequencer : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<int> waves_passed{"waves_passed"};
  sc_core::sc_in<int> tiles_drained{"tiles_drained"};
  sc_core::sc_out<bool> step{"step"};
  sc_core::sc_out<int> enter_tile{"enter_tile"};
  sc_core::sc_out<int> enter_vector{"enter_vector"};
  sc_core::sc_out<int> shift_tile{"shift_tile"};
  sc_core::sc_out<int> shift_row{"shift_row"};

  Sequencer(const sc_core::sc_module_name& name, FilterBuffer& filter, IfmapBuffer& ifmap,
            OfmapBuffer& ofmap);

  // The next clock edge is the layer's first cycle; sc_pause() ends it.
  void start(const SystemJob& job);
  const SequencerCounts& counts() const { return counts_; }

 private:
  void cycle();
  void finish();
  void begin_step();
  bool next_tile_ready() const;
  void start_tile();
  void load();
  void begin_load();
  bool array_free_for_load(int tile) const;
  void retire_tiles();
  bool waits_for_array() const;
  void count_cycle();
  void drive();
  int tile_count() const { return static_cast<int>(job_->tiles.size()); }
  bool draining() const { return tiles_drained.read() <= tile_; }

  FilterBuffer& filter_;
  IfmapBuffer& ifmap_;
  OfmapBuffer& ofmap_;
  const SystemJob* job_ = nullptr;
  SequencerCounts counts_;

  // The step at hand.
  int tile_ = -1;          // that streams, or streamed last
  int vector_ = 0;         // that enters next
  bool entering_ = false;  // a vector in this step
  int stream_step_ = 1;    // cycles of a step while tile_ streams
  int step_cycles_ = 1;
  int step_cycle_ = 0;

  // Weight loading.
  int loaded_ = 0;        // tiles
  bool loading_ = false;  // tile loaded_
  int load_row_ = 0;
  int load_wait_ = 0;  // cycles until load_row_ shifts
  bool shifting_ = false;

  int retired_ = 0;  // tiles whose sums have left
};

}  // namespace togglewise::systemc
