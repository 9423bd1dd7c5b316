// A tile's energy by the tables, for any order of its rows and any signs of its columns: what
// proposals are made with, at hundreds of millions of transitions a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/table_lookup.h"

namespace togglewise::mapping {

// Energies are in units of 2^-10 fJ (energy::kUnitsPerFj), MAC dynamic, summed over the stream.
class TileModel {
 public:
  // The tile in its natural order and with its natural signs; what enters at the top is the
  // stream's offset. Both must outlive the model.
  TileModel(const energy::TableLookup& lookup, const array::TileStreams& streams);

  int rows() const { return streams_.used_rows; }
  int columns() const { return streams_.used_columns; }

  // One column with `order`[i] in its i-th row; `sign` is 1 or −1. A column that holds −128 cannot
  // be negated: can_negate().
  std::int64_t column_units(const std::vector<std::uint16_t>& order, int column, int sign) const;
  bool can_negate(int column) const;
  // All columns.
  std::int64_t units(const std::vector<std::uint16_t>& order, const std::vector<int>& signs) const;

  // Exchanges neighbouring rows wherever that saves energy, in passes from top to bottom, until a
  // pass changes nothing or `most_passes` are done. Returns what it saves.
  std::int64_t exchange_neighbours(const std::vector<int>& signs, int most_passes,
                                   std::vector<std::uint16_t>& order) const;

 private:
  // A part of the grouping that knows of partial sums, with the cells of every row's activations.
  struct SumPart {
    std::size_t index = 0;
    const energy::GroupingPart* grouping = nullptr;
    std::vector<std::uint32_t> cells;  // [row][stride]
  };
  // Partial sums at one boundary of one column, and their codes as what enters a PE.
  struct Boundary {
    std::vector<std::int32_t> sums;
    std::vector<std::vector<std::uint16_t>> codes;  // [sum part]
  };

  Boundary top() const;
  // Passes a PE of row `row` with this weight: the boundary becomes the one below. The parts that
  // know of partial sums only.
  std::int64_t pass(int row, int weight, Boundary& boundary) const;
  // What the parts that know of activations alone make of the row with this weight.
  std::int64_t activation_units(int row, int weight) const;
  // One pass; whether anything changed.
  bool exchange_once(const std::vector<int>& signs, std::vector<std::uint16_t>& order,
                     std::int64_t& saved) const;
  int held(int row, int column, int sign) const { return sign * streams_.weight(row, column); }

  const energy::TableLookup& lookup_;
  const array::TileStreams& streams_;
  std::size_t transitions_;
  std::size_t stride_;
  std::vector<SumPart> sum_parts_;
  std::vector<std::size_t> pair_parts_;
  std::vector<std::vector<std::uint32_t>> pair_cells_;  // [pair part][row · stride + t]
};

}  // namespace togglewise::mapping
