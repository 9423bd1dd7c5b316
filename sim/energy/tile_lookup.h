// The look-ups of one tile over a span of time.
//
// Parts of a grouping that know of activations alone: pairs of activations are counted once per
// row, and every weight value of the row takes one dot product of the counts with its table.
// Parts that know of partial sums: every transition is looked up, block by block of time, so that a
// block's cells stay in the caches while all columns use them; codes of a boundary between two PEs
// are computed once, as what leaves the upper and as what enters the lower one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/pair_counts.h"
#include "sim/energy/table_lookup.h"

namespace togglewise::energy {

constexpr std::size_t kTileBlock = 1024;  // transitions

struct TransitionSpan {
  std::size_t first = 0;
  std::size_t count = 0;
};

class TileLookup {
 public:
  TileLookup(const TableLookup& lookup, const array::ArrayShape& shape,
             const array::TileStreams& streams, const TransitionSpan& span);

  void add(bool idle_only, TableTally& tally);

 private:
  // A part that knows of partial sums, with a block's cells and a column's codes.
  struct SumPart {
    std::size_t index = 0;
    const GroupingPart* grouping = nullptr;
    std::vector<std::uint32_t> cells;  // [row][kTileBlock + padding]: of the activations
    std::vector<std::uint32_t> quiet;  // the same of activations that stay zero
    std::vector<std::uint16_t> still_in, still_out;  // codes of partial sums at rest
    std::vector<std::uint16_t> in, out;
  };

  void add_pair_part(std::size_t part, bool idle_only, TableTally& tally);
  void add_block(const TransitionSpan& block, bool idle_only, TableTally& tally);
  void set_cells(const TransitionSpan& block, SumPart& part);
  void add_idle_columns(std::size_t count, TableTally& tally);
  void add_column(int column, const TransitionSpan& block, bool idle_only, TableTally& tally);
  void add_zero_weight(int row, std::size_t count, TableTally& tally);
  void add_idle_rows(std::size_t count, TableTally& tally);
  // Of the PE whose codes of the partial sum that enters are in `part`, and whose partial sum that
  // leaves is in partial_sum_; then `part` holds the codes of the next PE.
  std::int64_t sum_of_pe(SumPart& part, int weight, const std::uint32_t* cells, std::size_t count);
  void set_codes(SumPart& part, std::size_t count) const;

  const TableLookup& lookup_;
  const array::ArrayShape& shape_;
  const array::TileStreams& streams_;
  TransitionSpan span_;
  std::vector<PairCounts> pairs_;  // [row]
  std::vector<SumPart> sum_parts_;
  std::vector<std::int32_t> partial_sum_;  // [kTileBlock + 1 + padding]
};

}  // namespace togglewise::energy
