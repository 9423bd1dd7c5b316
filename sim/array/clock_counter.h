// ClockCounts in closed form: exact, without a loop over cycles. (In an array of a single PE a tile
// may begin in the cycle in which a flag of the one before would have fallen: there two toggles per
// tile do not happen.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/array/clock_counts.h"
#include "sim/array/tile_activity.h"

namespace togglewise::array {

// Tiles that follow one another. Each may stand for several batches: they count as if every batch
// ran through all the tiles by itself, from rest, but behind the tile `before`.
class ClockCounter {
 public:
  struct Place {
    int first_row = 0;
    int used_rows = 0;
    int used_columns = 0;
  };

  ClockCounter(const ArrayShape& shape, const Gating& gating);

  // The tile that ended in the cycle before the first one's, and in how many batches there is one.
  void follow(const Place& before, std::uint64_t batches);

  // The next tile: from its first load cycle to its last one; what comes to rest behind that is in
  // it as well.
  void add(const TileActivity& tile, ClockCounts& counts);
  // The one cycle behind the last tile; flags that fall behind that do not count.
  void finish(ClockCounts& counts);

  // Toggles of the enables that only depend on which rows and columns the tiles use.
  struct EnableToggles {
    std::uint64_t columns = 0;      // of column gates
    std::uint64_t rows = 0;         // of rows (row_on), the ones with skew registers
    std::uint64_t row_pes = 0;      // rows · columns of the array: of row_on at the PEs
    std::uint64_t sum_row_pes = 0;  // the same of partial_sum_row_on
    std::uint64_t weight = 0;       // of one PE's weight gate

    EnableToggles& operator+=(const EnableToggles& other) {
      columns += other.columns;
      rows += other.rows;
      row_pes += other.row_pes;
      sum_row_pes += other.sum_row_pes;
      weight += other.weight;
      return *this;
    }
    friend EnableToggles operator-(EnableToggles a, const EnableToggles& b) {
      a.columns -= b.columns;
      a.rows -= b.rows;
      a.row_pes -= b.row_pes;
      a.sum_row_pes -= b.sum_row_pes;
      a.weight -= b.weight;
      return a;
    }
  };
  const EnableToggles& enable_toggles() const { return enables_; }

 private:
  // What is on in some cycles.
  struct On {
    std::vector<bool> rows;
    int first_sum_row = 0;  // partial sums from here on
    int columns = 0;
  };
  On on_of(const Place& place) const;
  static On either(const On& a, const On& b);
  void add_still(const On& on, std::uint64_t cycles, ClockCounts& counts) const;
  void add_moving(const TileActivity& tile, ClockCounts& counts);
  void add_skew_row(const RowActivity& row, int array_row, ClockCounts& counts);
  std::uint64_t arrivals_from_held(const RowActivity& row, int array_row, int columns);
  void add_late_move(const On& on, ClockCounts& counts);
  void note_late_flags(const On& on, const TileActivity& tile);
  void add_enables(const On& before, const On& now, std::uint64_t batches);

  bool gates_activation() const {
    return gating_.idle_rows || gating_.zero_activation || gating_.unchanged_partial_sum;
  }
  bool data_gates() const { return gating_.zero_activation || gating_.unchanged_partial_sum; }

  ArrayShape shape_;
  Gating gating_;
  std::optional<Place> before_;
  std::uint64_t batches_before_ = 0;
  // With zero_activation: the nonzero activation that each register still holds.
  std::vector<std::int8_t> held_;       // [batch][row][column]
  std::vector<std::int8_t> held_skew_;  // [batch][row]
  EnableToggles enables_;
  // Flags that rise in the cycle behind a tile, by column, and fall when the column is on again:
  // `changed` of the last column's lowest PE, elsewhere that of the last deskew register; and
  // `move` of that PE.
  std::vector<std::uint64_t> changed_late_;
  std::vector<std::uint8_t> move_late_;  // per batch
  // Moves that have left the last but one column in the tile's last cycle, while the last column
  // was off: it sees them when it is on in the next cycle.
  std::vector<std::uint8_t> move_before_last_column_;
};

// Of tiles in their order, as reference_clock_counts() counts them.
ClockCounts clock_counts(const ArrayShape& shape, const Gating& gating,
                         const std::vector<TileOperands>& tiles);

}  // namespace togglewise::array
