// The array of the system model: its registers one by one, with the swap wave of double-buffered
// weights, at any size at run time. Works in the second half of a clock cycle on what the sequencer
// asked for in the first.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "sim/systemc/system_buffers.h"

namespace togglewise::systemc {

class SystemArray : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> step{"step"};  // registers of the data path advance at the end of the cycle
  sc_core::sc_in<int> enter_tile{"enter_tile"};  // whose vector enters in that step; −1: none
  sc_core::sc_in<int> enter_vector{"enter_vector"};
  sc_core::sc_in<int> shift_tile{"shift_tile"};  // whose weights shift in this cycle; −1: none
  sc_core::sc_in<int> shift_row{"shift_row"};
  // Tiles, from the first, whose swap wave has passed the last PE, and whose sums have all left.
  sc_core::sc_out<int> waves_passed{"waves_passed"};
  sc_core::sc_out<int> tiles_drained{"tiles_drained"};

  SystemArray(const sc_core::sc_module_name& name, FilterBuffer& filter, IfmapBuffer& ifmap,
              OfmapBuffer& ofmap);

  void reset(const SystemJob& job);

 private:
  struct Tag {  // of a vector on its way through the array
    int tile = -1;
    int vector = 0;
  };

  void cycle();
  void shift_weights();
  void advance();
  void enter();
  void swap_weights();
  void multiply_and_add();
  void leave();
  std::size_t at(int row, int column) const {
    return static_cast<std::size_t>(row) * columns_ + column;
  }

  FilterBuffer& filter_;
  IfmapBuffer& ifmap_;
  OfmapBuffer& ofmap_;

  int rows_ = 0;
  int columns_ = 0;
  int last_vector_ = 0;
  int unused_bits_ = 0;  // of 32, above the partial sums
  bool double_buffered_ = false;
  std::int32_t offset_ = 0;  // enters every column at the top

  std::uint64_t step_ = 0;
  int wave_ = -1;                                  // anti-diagonal that swaps in this step
  std::vector<std::int8_t> shadow_;                // [row][column]
  std::vector<std::int16_t> weight_;               // [row][column]
  std::vector<std::int16_t> activation_;           // [row][column]
  std::vector<std::int32_t> partial_sum_;          // [row][column]
  std::vector<std::vector<std::int8_t>> skew_;     // vectors of the last R steps, a ring
  std::vector<std::vector<std::int32_t>> deskew_;  // bottom rows of the last C steps, a ring
  std::vector<Tag> tags_;                          // of the last R + C − 1 steps, a ring
  std::vector<std::int32_t> sums_;
  int passed_ = 0;
  int drained_ = 0;
};

}  // namespace togglewise::systemc
