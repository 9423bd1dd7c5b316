// Tiles through the Verilated RTL and the SystemC model side by side, cycle by cycle.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/array/clock_counts.h"
#include "sim/array/tile.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {

enum class MismatchKind {
  partial_sum,  // of PE (row, column)
  weight,       // in use in PE (row, column)
  output,       // deskewed, of the column; row = rows
  accumulator,  // of the column; row = rows
  cycles        // a tile took `rtl` cycles (−1: never done), not `model`; row = column = −1
};

const char* to_string(MismatchKind kind);

// Where RTL and model first differed. `cycle` counts from the sequence's first tile's first cycle;
// the value is the one written by the clock edge that ends it.
struct LockstepMismatch {
  MismatchKind kind = MismatchKind::partial_sum;
  std::uint64_t cycle = 0;
  int row = 0;
  int column = 0;
  std::int32_t rtl = 0;
  std::int32_t model = 0;
};

// What the RTL saw and did in one tile.
struct TileRecord {
  array::TileOperands seen;  // read back from the RTL's registers
  // [stream_length][used_columns]: deskewed outputs, of negated columns and with the offset as they
  // are.
  std::vector<std::int32_t> partial_sums;
  std::uint64_t cycles = 0;  // from the first load cycle to the controller's done
};

struct LockstepStatistics {
  std::uint64_t cycles = 0;                   // in which the controller was busy: without the flush
  std::uint64_t partial_sum_comparisons = 0;  // every register of the array in every cycle
  std::uint64_t weight_comparisons = 0;       // the same of the weights in use
  std::uint64_t output_comparisons = 0;       // every deskewed output in every cycle
  std::uint64_t accumulator_comparisons = 0;  // every accumulator's sum of every vector
  std::uint64_t mismatches = 0;
  std::optional<LockstepMismatch> first_mismatch;
  // Of the RTL's registers, from rest to rest. With gated clocks, activation registers and skew
  // registers keep what need not change: theirs are not those of an array without gating.
  array::ToggleCounts toggles;
  array::ClockCounts clocks;  // of an array with gated clocks: its own edges
};

// What an observer sees after each clock edge.
struct LockstepCycle {
  std::uint64_t cycle = 0;    // of the sequence; this clock edge ended it
  ControllerRequest request;  // of the controller in that cycle
  ArrayRegisters registers;   // after the edge
  ArrayOutput output;
};

// SystemC has one kernel per process and cannot add modules once it has run: there can be one
// Lockstep in the life of a process (TW-RTL-002 otherwise), for any number of sequences of tiles.
class Lockstep {
 public:
  // Throws TW-RTL-001 when no Verilated build fits `shape`.
  Lockstep(const array::ArrayShape& shape, RtlStyle style, bool double_buffered = false);
  // With gated clocks where `gating` asks for any. Throws TW-RTL-001 or -007 as make_gated_array().
  Lockstep(const array::ArrayShape& shape, RtlStyle style, const array::Gating& gating);
  ~Lockstep();
  Lockstep(const Lockstep&) = delete;
  Lockstep& operator=(const Lockstep&) = delete;

  // Runs a tile as closely behind the one before as the array can take it, up to the clock edge
  // that begins its first stream cycle, and returns the records of the tiles that were done by
  // then, oldest first. Throws TW-RTL-003 when it does not fit the array, TW-RTL-004 when a value
  // does not fit its register.
  // All tiles of a sequence have the same partial-sum offset (TW-RTL-005): data path and deskew
  // registers are at rest with it in them before and after the sequence. TW-RTL-006 when the
  // Verilated array has too few bits for it.
  //
  // With `accumulators`, [stream_length][used_columns], the RTL's accumulators add the tile's sums
  // to what stands there, or take them off in negated columns: for the first tile of a column block
  // network::MappedTile::accumulator_start. They must live until drain().
  std::vector<TileRecord> push(array::TileOperands operands,
                               std::vector<std::int32_t>* accumulators = nullptr);
  // Gives the model other operands than the RTL (of the same stream length), to show that a
  // difference is found.
  std::vector<TileRecord> push(array::TileOperands rtl_operands,
                               array::TileOperands model_operands);
  // Runs until the last tile is done, one cycle longer where it has accumulators; returns the
  // records that push() has not.
  std::vector<TileRecord> drain();

  // push(), then drain(): nothing overlaps, not even with double-buffered weights.
  TileRecord run(const array::TileOperands& operands) { return run(operands, operands); }
  TileRecord run(const array::TileOperands& rtl_operands,
                 const array::TileOperands& model_operands);
  // push() of each tile, then drain().
  std::vector<TileRecord> run_sequence(const std::vector<array::TileOperands>& tiles);

  // Ends the sequence: drains and flushes the data path and returns what was counted since the
  // sequence began. Later tiles begin a new sequence, at rest and with all weights zero; the cycles
  // that this takes are neither compared nor counted.
  LockstepStatistics finish();

  // `observer` is called after each clock edge from now on; {} ends that.
  void observe(std::function<void(const LockstepCycle&)> observer);

 private:
  class Harness;
  std::vector<TileRecord> checked_push(array::TileOperands rtl_operands,
                                       array::TileOperands model_operands,
                                       std::vector<std::int32_t>* accumulators);

  array::ArrayShape shape_;
  int built_bits_ = 0;  // of the Verilated array's partial sums
  std::unique_ptr<Harness> harness_;
};

}  // namespace togglewise::systemc
