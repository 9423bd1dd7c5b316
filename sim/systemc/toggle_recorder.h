// Counts the toggles of every register of a Verilated array, cycle by cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/systemc/register_toggles.h"
#include "sim/systemc/verilated_array.h"

namespace togglewise::systemc {

// The part of the array that a tile uses: `rows` rows from `first_row` on, the first columns.
struct TileSize {
  int rows = 0;
  int columns = 0;
  int first_row = 0;
  friend bool operator==(const TileSize& a, const TileSize& b) {
    return a.rows == b.rows && a.columns == b.columns && a.first_row == b.first_row;
  }
};

// Which tile a PE works for, and so whether it counts as active or idle: PE (r,c) for `arriving`
// where r + c <= wave, for `leaving` elsewhere.
struct PeOwners {
  TileSize leaving;
  TileSize arriving;
  int wave = -1;
};

class ToggleRecorder {
 public:
  ToggleRecorder(const array::ArrayShape& shape, int built_partial_sum_bits, bool double_buffered);

  // Counts what changed since the call before (at first: since all registers were zero).
  void record(const ArrayRegisters& now, const PeOwners& owners);

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
  // Rows [row, row + rows) of columns [column, column + columns).
  struct Block {
    int row = 0;
    int column = 0;
    int rows = 0;
    int columns = 0;
  };

  std::uint64_t bytes(const RegisterView<std::uint8_t>& now, Snapshot<std::uint8_t>& before,
                      const Block& block, std::uint8_t mask);
  std::uint64_t words(const RegisterView<std::uint32_t>& now, Snapshot<std::int32_t>& before,
                      const Block& block);
  std::uint64_t skew_bytes(const RegisterView<std::uint8_t>& now, Snapshot<std::uint8_t>& before,
                           std::uint8_t mask);
  void record_pes(const ArrayRegisters& now, const Block& block, const TileSize& tile);

  array::ArrayShape shape_;
  WordWidths widths_;
  std::uint8_t weight_mask_;
  std::uint8_t activation_mask_;
  bool double_buffered_;
  array::ToggleCounts counts_;
  Snapshot<std::int32_t> partial_sum_;
  Snapshot<std::uint8_t> activation_;
  Snapshot<std::uint8_t> weight_;
  Snapshot<std::uint8_t> shadow_;
  Snapshot<std::uint8_t> skew_;
  Snapshot<std::int32_t> deskew_;
  Snapshot<std::uint8_t> update_;
  Snapshot<std::uint8_t> update_skew_;
};

}  // namespace togglewise::systemc
