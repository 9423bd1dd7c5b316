// The systolic array as a SystemC model, written against the timing contract in rtl/README.md and
// sharing nothing with the RTL: rows take their operands from the tile by the contract's formulas
// instead of through load chains, skew registers and a swap wave.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include <systemc>

#include "sim/array/tile.h"

namespace togglewise::systemc {

// When a tile is worked on, in cycles of the model since its clock began. Ends are exclusive.
struct TileSchedule {
  std::int64_t load_begin = 0;
  std::int64_t stream_begin = 0;
  std::int64_t end = 0;  // the last vector's last partial sum is written

  std::int64_t cycles() const { return end - load_begin; }
};

// What the rows of a model share. Registers are double buffered by the parity of the clock cycle,
// so that the order in which the kernel runs the rows does not matter.
struct ArrayModelState {
  struct ScheduledTile {
    const array::TileOperands* tile = nullptr;  // gone after schedule.end
    std::int64_t stream_length = 0;
    TileSchedule schedule;
  };

  ArrayModelState(const array::ArrayShape& array_shape, bool with_double_buffered_weights);

  std::int32_t* partial_sums(int parity, int row) {
    return partial_sum[parity].data() + static_cast<std::size_t>(row) * shape.columns;
  }

  array::ArrayShape shape;
  bool double_buffered;
  std::int32_t partial_sum_offset = 0;       // enters every column at the top
  std::deque<ScheduledTile> tiles;           // those that a row may still have to do with
  std::vector<std::int32_t> partial_sum[2];  // [row][column], wrapped to partial_sum_bits
  std::vector<std::int8_t> weight;           // [row][column]
};

// One row of PEs: one process for all its columns.
class ArrayModelRow : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<std::int64_t> cycle{"cycle"};

  ArrayModelRow(const sc_core::sc_module_name& name, ArrayModelState& state, int row);

 private:
  void step();
  std::int16_t incoming_activation(std::int64_t now) const;
  void take_weights(std::int64_t now);
  void take_weight(const array::TileOperands& tile, int column);

  ArrayModelState& state_;
  const int row_;
  int parity_ = 0;
  std::vector<std::int16_t> weight_;
  std::vector<std::int16_t> activation_;  // input of PE c in this cycle; the register of PE c−1
};

class ArrayModel : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};

  ArrayModel(const sc_core::sc_module_name& name, const array::ArrayShape& shape,
             bool double_buffered = false);

  // The tile follows those given before as closely as the contract allows, from the next clock edge
  // on; it must live until `end`. To be called between runs of the kernel.
  TileSchedule start(const array::TileOperands& tile);
  std::int64_t now() const { return cycle_.read(); }  // the cycle that the next clock edge ends

  // What enters every column at the top from the next clock edge on.
  void set_partial_sum_offset(std::int32_t offset) { state_.partial_sum_offset = offset; }

  // Registers after the last clock edge: [row][column], and the deskewed outputs.
  const std::int32_t* partial_sums() const { return state_.partial_sum[parity_].data(); }
  const std::int8_t* weights() const { return state_.weight.data(); }
  const std::vector<std::int32_t>& outputs();

 private:
  void count_cycles();
  void deskew();

  ArrayModelState state_;
  std::vector<std::unique_ptr<ArrayModelRow>> rows_;
  sc_core::sc_signal<std::int64_t> cycle_{"cycle", 0};
  int parity_ = 0;
  // The bottom row's partial sums of the last `columns` cycles, a ring.
  std::vector<std::vector<std::int32_t>> bottom_history_;
  std::size_t edges_ = 0;
  std::vector<std::int32_t> outputs_;
};

}  // namespace togglewise::systemc
