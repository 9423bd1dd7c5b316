// Counts of clocked cycles and toggles of a gated array, from its registers, flags and edge
// counters.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/clock_counts.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {

// Flags, and what is counted, of a Verilated gated array, as they are now. The structural array
// counts the edges of each register's own clock; the loop array adds up those in use:
// its blocks have one element, and `weight` is of one PE.
struct ClockView {
  bool added_up = false;
  RegisterView<std::uint32_t> activation;   // [row][column]
  RegisterView<std::uint32_t> partial_sum;  // [row][column]
  RegisterView<std::uint32_t> weight;       // [row][column]
  RegisterView<std::uint32_t> skew;         // [stage][row], stage < row
  RegisterView<std::uint32_t> deskew;       // [stage][column], stage < columns−1−column
  const std::uint32_t* row = nullptr;       // of the skew chains' clocks
  const std::uint32_t* column = nullptr;

  FlagView zero_flags, move_flags, changed_flags;  // [row][column]
  FlagView skew_zero_flags, skew_move_flags;       // [stage][row]
  FlagView deskew_changed_flags;                   // [stage][column]
  const std::uint8_t* port_registers = nullptr;    // [row]
};

class ClockRecorder {
 public:
  ClockRecorder(const array::ArrayShape& shape, const array::Gating& gating);

  // After every clock edge, counted or not.
  void record(const ClockView& clocks, const ArrayRegisters& registers, bool counted);

  const array::ClockCounts& counts() const { return counts_; }
  void clear() { counts_ = {}; }

 private:
  array::ClockCounts totals(const ClockView& clocks) const;
  array::ClockCounts count_toggles(const ClockView& clocks, const ArrayRegisters& registers);

  array::ArrayShape shape_;
  array::Gating gating_;
  std::uint32_t edges_ = 0;    // of the array's clock
  array::ClockCounts before_;  // totals after the last edge
  array::ClockCounts counts_;
  std::vector<std::uint8_t> held_;  // registers and flags after the last edge, block by block
};

}  // namespace togglewise::systemc
