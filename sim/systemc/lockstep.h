// Tiles through the Verilated RTL and the SystemC model side by side, cycle by cycle.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/array/tile.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {

// Where RTL and model first differed. `cycle` counts from the first tile's first cycle; the value
// is the one written by the clock edge that ends it. row = rows stands for the column's deskewed
// output; row = column = −1 means that a tile took `rtl` cycles (−1: never done) and not `model`.
struct LockstepMismatch {
  std::uint64_t cycle = 0;
  int row = 0;
  int column = 0;
  std::int32_t rtl = 0;
  std::int32_t model = 0;
};

// What the RTL saw and did in one tile.
struct TileRecord {
  array::TileOperands seen;                // read back from the RTL's registers
  std::vector<std::int32_t> partial_sums;  // [stream_length][used_columns], deskewed outputs
  std::uint64_t cycles = 0;                // from the controller's start to its done
};

struct LockstepStatistics {
  std::uint64_t cycles = 0;                   // of all tiles, without the flush at the end
  std::uint64_t partial_sum_comparisons = 0;  // every register of the array in every cycle
  std::uint64_t output_comparisons = 0;       // every deskewed output in every cycle
  std::uint64_t mismatches = 0;
  std::optional<LockstepMismatch> first_mismatch;
  array::ToggleCounts toggles;  // of the RTL's registers, until the data path is zero again
};

// SystemC has one kernel per process and cannot add modules once it has run: there can be one
// Lockstep in the life of a process (TW-RTL-002 otherwise), for any number of sequences of tiles.
class Lockstep {
 public:
  // Throws TW-RTL-001 when no Verilated build fits `shape`.
  Lockstep(const array::ArrayShape& shape, RtlStyle style);
  ~Lockstep();
  Lockstep(const Lockstep&) = delete;
  Lockstep& operator=(const Lockstep&) = delete;

  // Runs one tile right behind the one before. Throws TW-RTL-003 when it does not fit the array.
  TileRecord run(const array::TileOperands& operands) { return run(operands, operands); }

  // Gives the model other operands than the RTL (of the same stream length), to show that a
  // difference is found.
  TileRecord run(const array::TileOperands& rtl_operands,
                 const array::TileOperands& model_operands);

  // Ends the sequence: flushes the data path and returns what was counted since the sequence began.
  // A later run() begins a new sequence, with all registers zero.
  LockstepStatistics finish();

 private:
  class Harness;
  std::unique_ptr<Harness> harness_;
};

}  // namespace togglewise::systemc
