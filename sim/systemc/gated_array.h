// The Verilated arrays with gated clocks (rtl/gated_*.sv), behind the interface of those without.
#pragma once

#include <memory>

#include "sim/array/clock_counts.h"
#include "sim/array/tile.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {

// As in VerilatedArray, registers start at zero; the array is at rest. Activation registers need
// not hold what stands for them: with `zero_activation` they keep the last nonzero value.
class GatedArray : public VerilatedArray {
 public:
  // Which part of the array the tile uses that the next settle() with `start` begins.
  virtual void set_used_area(int first_row, int used_rows, int used_columns) = 0;
  // Another offset than before opens all gates for as long as the array needs to come to rest with
  // it; no tile may be in flight.
  void set_partial_sum_offset(std::int32_t offset) override = 0;

  // Of the cycles since begin_counting() in which a tile ran, and of the one behind each tile that
  // no other follows at once.
  virtual array::ClockCounts clock_counts() const = 0;
  virtual void begin_counting() = 0;
};

// Structural is built for 8×12 and 16×16 with some sets of options (gated_builds.cmake), loop for
// every size up to 256×256 and every set. Throws TW-RTL-001 when there is no build for `shape`,
// TW-RTL-007 when there is one, but none with these options.
std::unique_ptr<GatedArray> make_gated_array(const array::ArrayShape& shape, RtlStyle style,
                                             const array::Gating& gating);

}  // namespace togglewise::systemc
