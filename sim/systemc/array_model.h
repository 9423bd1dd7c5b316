// The systolic array as a SystemC model, written against the timing contract in rtl/README.md and
// sharing nothing with the RTL: rows take their operands from the tile by the contract's formulas
// instead of through load chains and skew registers.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <systemc>

#include "sim/array/tile.h"

namespace togglewise::systemc {

// What the rows of a model share. Registers are double buffered by the parity of the clock cycle,
// so that the order in which the kernel runs the rows does not matter.
struct ArrayModelState {
  explicit ArrayModelState(const array::ArrayShape& array_shape);

  std::int32_t* partial_sums(int parity, int row) {
    return partial_sum[parity].data() + static_cast<std::size_t>(row) * shape.columns;
  }

  array::ArrayShape shape;
  const array::TileOperands* tile = nullptr;
  std::vector<std::int32_t> partial_sum[2];  // [row][column], wrapped to partial_sum_bits
};

// One row of PEs: one process for all its columns.
class ArrayModelRow : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<std::int64_t> cycle{"cycle"};  // of the tile; −1 between tiles

  ArrayModelRow(const sc_core::sc_module_name& name, ArrayModelState& state, int row);

 private:
  void step();
  std::int16_t incoming_activation(std::int64_t tile_cycle) const;
  void take_weights();

  ArrayModelState& state_;
  const int row_;
  int parity_ = 0;
  std::vector<std::int16_t> weight_;
  std::vector<std::int16_t> activation_;  // input of PE c in this cycle; the register of PE c−1
};

class ArrayModel : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};

  ArrayModel(const sc_core::sc_module_name& name, const array::ArrayShape& shape);

  // The next clock edge is the first of this tile, which must live until the tile is over.
  void start(const array::TileOperands& tile);
  bool busy() const { return cycle_.read() >= 0; }

  // Registers after the last clock edge: [row][column] partial sums, and the deskewed outputs.
  const std::int32_t* partial_sums() const { return state_.partial_sum[parity_].data(); }
  const std::vector<std::int32_t>& outputs();

 private:
  void sequence();
  void deskew();

  ArrayModelState state_;
  std::vector<std::unique_ptr<ArrayModelRow>> rows_;
  sc_core::sc_signal<std::int64_t> cycle_{"cycle", -1};
  sc_core::sc_event tile_given_;
  int parity_ = 0;
  // The bottom row's partial sums of the last `columns` cycles, a ring.
  std::vector<std::vector<std::int32_t>> bottom_history_;
  std::size_t edges_ = 0;
  std::vector<std::int32_t> outputs_;
};

}  // namespace togglewise::systemc
