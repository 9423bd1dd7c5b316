// How partial sums toggle: how many bits at a time, and which is the highest of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/array/stream_block.h"
#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"
#include "sim/array/toggle_kernels.h"

namespace togglewise::array {

// Numbers of a ToggleGroup for partial sums of so many bits: 0 to group_count − 1.
std::size_t group_count(ToggleGroup kind, int partial_sum_bits);

// The number that a transition has; the definition of what group_column computes.
std::size_t toggle_group(ToggleGroup kind, std::uint32_t toggled_bits);

// [group]: transitions of the partial-sum registers of the PEs that hold a weight.
std::vector<std::uint64_t> count_toggle_groups(ToggleGroup kind, const ArrayShape& shape,
                                               const TileStreams& streams);

// The groups of every transition of a tile, column by column and block by block of time: what the
// histograms of transitions are made of.
class TransitionGroups {
 public:
  TransitionGroups(ToggleGroup kind, const ArrayShape& shape, const TileStreams& streams);

  // The block that begins at transition `first` = 0, kBlockTransitions, 2·kBlockTransitions, …
  void select_block(std::size_t first) { block_.fill(first); }
  std::size_t transitions() const { return block_.transitions(); }
  int columns() const { return weights_.columns(); }
  // PEs in rows of weight zero above their column's first live row: nothing toggles.
  std::uint64_t still_rows() const;
  // All columns of a whole block at once; see count_group_pairs.
  void count_pairs(std::uint32_t* pairs) const {
    count_group_pairs(kind_, block_, weights_, pairs);
  }

  void select_column(int column);
  // [transitions()]: groups of what enters the column's live row `k` from above; for k =
  // live_rows() of what leaves the column's last row with a weight.
  const std::uint16_t* entering(std::size_t k) const {
    return groups_.data() + k * kBlockTransitions;
  }
  std::size_t live_rows() const { return live_rows_; }
  const LiveRow& live_row(std::size_t k) const { return first_live_row_[k]; }

 private:
  ToggleGroup kind_;
  OperandScale scale_;
  WeightColumns weights_;
  StreamBlock block_;
  int used_rows_;
  std::vector<std::uint16_t> groups_;
  const LiveRow* first_live_row_ = nullptr;
  std::size_t live_rows_ = 0;
};

}  // namespace togglewise::array
