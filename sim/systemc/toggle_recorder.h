// Counts the toggles of every register of a Verilated array, cycle by cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/systemc/register_toggles.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {

class ToggleRecorder {
 public:
  ToggleRecorder(const array::ArrayShape& shape, int built_partial_sum_bits);

  // Counts what changed since the call before (at first: since all registers were zero). PEs count
  // as active or idle by the size of the tile whose data they hold.
  void record(const ArrayRegisters& now, int used_rows, int used_columns);

  const array::ToggleCounts& counts() const { return counts_; }
  void clear() { counts_ = {}; }  // the registers keep their content

 private:
  // Row-major copies of the registers as of the last call.
  template <class Element>
  struct Snapshot {
    int stride = 0;
    std::vector<Element> data;

    Snapshot(int rows, int columns)
        : stride(columns),
          data(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {}
    Element* at(int row, int column) { return data.data() + row * stride + column; }
  };

  std::uint64_t bytes(const RegisterView<std::uint8_t>& now, Snapshot<std::uint8_t>& before,
                      int row, int column, int rows, int columns);
  std::uint64_t words(const RegisterView<std::uint32_t>& now, Snapshot<std::int32_t>& before,
                      int row, int column, int rows, int columns);

  array::ArrayShape shape_;
  WordWidths widths_;
  array::ToggleCounts counts_;
  Snapshot<std::int32_t> partial_sum_;
  Snapshot<std::uint8_t> activation_;
  Snapshot<std::uint8_t> weight_;
  Snapshot<std::uint8_t> shadow_;
  Snapshot<std::uint8_t> skew_;
  Snapshot<std::int32_t> deskew_;
};

}  // namespace togglewise::systemc
