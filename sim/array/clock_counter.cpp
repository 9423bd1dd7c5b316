#include "sim/array/clock_counter.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace togglewise::array {
namespace {

std::uint64_t as_count(std::ptrdiff_t value) { return static_cast<std::uint64_t>(value); }

std::uint64_t bits_between(std::int8_t a, std::int8_t b, int bits) {
  const unsigned mask = (1U << bits) - 1;
  return static_cast<std::uint64_t>(__builtin_popcount(static_cast<unsigned>(a ^ b) & mask));
}

}  // namespace

ClockCounter::ClockCounter(const ArrayShape& shape, const Gating& gating)
    : shape_(shape), gating_(gating) {}

void ClockCounter::follow(const Place& before, std::uint64_t batches) {
  before_ = before;
  batches_before_ = batches;
}

ClockCounter::On ClockCounter::on_of(const Place& place) const {
  On on;
  on.rows.assign(static_cast<std::size_t>(shape_.rows), !gating_.idle_rows);
  on.first_sum_row = gating_.idle_rows ? place.first_row : 0;
  on.columns = gating_.idle_columns ? place.used_columns : shape_.columns;
  for (int r = 0; r < place.used_rows; ++r) {
    on.rows[static_cast<std::size_t>(place.first_row + r)] = true;
  }
  return on;
}

ClockCounter::On ClockCounter::either(const On& a, const On& b) {
  On on = a;
  for (std::size_t r = 0; r < on.rows.size(); ++r) on.rows[r] = a.rows[r] || b.rows[r];
  on.first_sum_row = std::min(a.first_sum_row, b.first_sum_row);
  on.columns = std::max(a.columns, b.columns);
  return on;
}

// Everything that does not depend on what the streams do.
void ClockCounter::add_still(const On& on, std::uint64_t cycles, ClockCounts& counts) const {
  const std::uint64_t rows = as_count(shape_.rows);
  const std::uint64_t columns = as_count(shape_.columns);
  const std::uint64_t column_cycles = as_count(on.columns) * cycles;
  const std::uint64_t pe_cycles = rows * column_cycles;
  counts.cycles += cycles;
  counts.accumulator += column_cycles;
  if (gating_.idle_columns) {
    counts.column_gates.arriving += columns * cycles;
    counts.column_gates.passed += column_cycles;
  }
  std::uint64_t rows_on = 0;
  std::uint64_t skew_on = 0;    // skew registers of these rows
  std::uint64_t chains_on = 0;  // of these rows: with skew registers
  for (std::size_t r = 0; r < on.rows.size(); ++r) {
    if (!on.rows[r]) continue;
    ++rows_on;
    skew_on += r;
    chains_on += r > 0 ? 1 : 0;
  }
  if (!gates_activation()) {
    counts.activation += pe_cycles;
  } else {
    counts.activation_gates.arriving += pe_cycles;
    if (!data_gates()) {
      counts.activation += rows_on * column_cycles;
      counts.activation_gates.passed += rows_on * column_cycles;
    }
  }
  const std::uint64_t sum_rows = as_count(shape_.rows - on.first_sum_row);
  if (!gating_.idle_rows && !gating_.unchanged_partial_sum) {
    counts.partial_sum += pe_cycles;
  } else {
    counts.partial_sum_gates.arriving += pe_cycles;
    if (!gating_.unchanged_partial_sum) {
      counts.partial_sum += sum_rows * column_cycles;
      counts.partial_sum_gates.passed += sum_rows * column_cycles;
    }
  }
  if (gating_.idle_rows) {
    counts.row_gates.arriving += (rows - 1) * cycles;
    counts.row_gates.passed += chains_on * cycles;
  }
  if (data_gates()) {
    counts.skew_gates.arriving += skew_on * cycles;
  } else {
    counts.skew_data += skew_on * cycles;
  }
  const std::uint64_t flags_beside_activation =
      (gating_.zero_activation ? 1U : 0U) + (gating_.unchanged_partial_sum ? 1U : 0U);
  counts.skew_flags += flags_beside_activation * (rows * (rows - 1) / 2) * cycles;
  counts.flags += (flags_beside_activation + (gating_.unchanged_partial_sum ? 1U : 0U)) * pe_cycles;
  std::uint64_t deskew = 0;
  for (int c = 0; c < on.columns; ++c) deskew += as_count(shape_.columns - 1 - c) * cycles;
  if (gating_.unchanged_partial_sum) {
    counts.port_flags += rows * cycles;
    counts.deskew_gates.arriving += deskew;
    counts.deskew_flags += deskew;
  } else {
    counts.deskew_data += deskew;
  }
  if (gating_.weight_registers) {
    counts.weight_gates.arriving += rows * columns * cycles;
  } else {
    counts.weight += rows * columns * cycles;
  }
}

// What the registers of a row still hold against the first nonzero activation of each batch; they
// keep the last one.
std::uint64_t ClockCounter::arrivals_from_held(const RowActivity& row, int array_row, int columns) {
  std::uint64_t toggles = 0;
  const auto size = static_cast<std::size_t>(shape_.columns);
  for (std::size_t b = 0; b < row.first.size(); ++b) {
    if (row.first[b] == 0) continue;
    std::int8_t* held =
        held_.data() +
        (b * static_cast<std::size_t>(shape_.rows) + static_cast<std::size_t>(array_row)) * size;
    for (int c = 0; c < columns; ++c)
      toggles += bits_between(held[c], row.first[b], shape_.activation_bits);
    std::fill_n(held, columns, row.last[b]);
  }
  return toggles;
}

void ClockCounter::add_skew_row(const RowActivity& row, int array_row, ClockCounts& counts) {
  const auto stages = as_count(array_row);
  counts.skew_flag_toggles += stages * ((gating_.zero_activation ? row.zero_toggles : 0) +
                                        (gating_.unchanged_partial_sum ? row.move_toggles : 0));
  if (!gating_.zero_activation) {
    counts.skew_toggles += stages * sum_of(row.toggles);
    return;
  }
  std::uint64_t toggles = sum_of(row.held_toggles);
  for (std::size_t b = 0; b < row.first.size(); ++b) {
    if (row.first[b] == 0) continue;
    std::int8_t& held =
        held_skew_[b * static_cast<std::size_t>(shape_.rows) + static_cast<std::size_t>(array_row)];
    toggles += bits_between(held, row.first[b], shape_.activation_bits);
    held = row.last[b];
  }
  counts.skew_toggles += stages * toggles;
}

// What follows the streams: registers behind gates that look at the data, and all toggles.
void ClockCounter::add_moving(const TileActivity& tile, ClockCounts& counts) {
  const int columns = gating_.idle_columns ? tile.used_columns : shape_.columns;
  const bool zero = gating_.zero_activation;
  const bool unchanged = gating_.unchanged_partial_sum;
  for (int r = 0; r < tile.used_rows; ++r) {
    const RowActivity& row = tile.rows[static_cast<std::size_t>(r)];
    const int array_row = tile.first_row + r;
    if (data_gates()) {
      const std::uint64_t written = zero && unchanged ? row.nonzero_moves
                                    : zero            ? row.nonzero
                                                      : row.moves;
      counts.activation += as_count(columns) * written;
      counts.activation_gates.passed += as_count(columns) * written;
      counts.skew_data += as_count(array_row) * written;
      counts.skew_gates.passed += as_count(array_row) * written;
    }
    counts.activation_toggles += as_count(columns) * sum_of(zero ? row.held_toggles : row.toggles);
    if (zero) counts.activation_toggles += arrivals_from_held(row, array_row, columns);
    counts.flag_toggles +=
        as_count(columns) * ((zero ? row.zero_toggles : 0) + (unchanged ? row.move_toggles : 0));
    if (unchanged) counts.port_toggles += sum_of(row.toggles);
    add_skew_row(row, array_row, counts);
  }
  if (!unchanged) return;
  counts.partial_sum += tile.changes.cycles;
  counts.partial_sum_gates.passed += tile.changes.cycles;
  counts.flag_toggles += tile.changes.toggles;
  counts.deskew_data += tile.changes.deskew_cycles;
  counts.deskew_gates.passed += tile.changes.deskew_cycles;
  counts.deskew_flag_toggles += tile.changes.deskew_toggles;
}

// The last column comes on and finds a move of the tile before.
void ClockCounter::add_late_move(const On& on, ClockCounts& counts) {
  if (on.columns < shape_.columns) return;
  for (std::size_t b = 0; b < move_before_last_column_.size(); ++b) {
    if (move_before_last_column_[b] == 0) continue;
    // The flag may still be high from when the column was on last.
    counts.flag_toggles += move_late_[b] != 0 ? 0 : 2;
    if (gating_.zero_activation) continue;  // the move is one to zero
    ++counts.activation;
    ++counts.activation_gates.passed;
  }
}

void ClockCounter::note_late_flags(const On& on, const TileActivity& tile) {
  changed_late_.resize(static_cast<std::size_t>(shape_.columns), 0);
  for (int c = 0; c < on.columns; ++c) {
    changed_late_[static_cast<std::size_t>(c)] =
        c < tile.used_columns ? tile.changes.high_at_end[static_cast<std::size_t>(c)] : 0;
  }
  const bool lowest_row_used = tile.first_row + tile.used_rows == shape_.rows;
  const std::vector<std::uint8_t> none(tile.batches, 0);
  const std::vector<std::uint8_t>& moves = lowest_row_used ? tile.rows.back().ends_nonzero : none;
  if (on.columns == shape_.columns || move_late_.empty()) {
    move_late_ = on.columns == shape_.columns ? moves : none;
  }
  move_before_last_column_ = on.columns == shape_.columns - 1 ? moves : none;
}

void ClockCounter::add_enables(const On& before, const On& now, std::uint64_t batches) {
  for (std::size_t r = 0; r < now.rows.size(); ++r) {
    if (before.rows[r] == now.rows[r]) continue;
    enables_.rows += r > 0 ? batches : 0;
    enables_.row_pes += batches * as_count(shape_.columns);
  }
  enables_.sum_row_pes +=
      batches * as_count(std::abs(before.first_sum_row - now.first_sum_row) * shape_.columns);
  enables_.columns += batches * as_count(std::abs(before.columns - now.columns));
}

void ClockCounter::add(const TileActivity& tile, ClockCounts& counts) {
  const Place place{tile.first_row, tile.used_rows, tile.used_columns};
  const On on = on_of(place);
  const On before = before_ ? on_of(*before_) : on;
  const auto cycles = as_count(2 * shape_.rows + shape_.columns + tile.stream_length - 2);
  const std::uint64_t behind = before_ ? std::min(batches_before_, tile.batches) : 0;
  add_still(on, tile.batches * cycles - behind, counts);
  add_still(either(on, before), behind, counts);
  add_enables(before, on, behind);
  if (gating_.weight_registers) {
    const std::uint64_t loads =
        tile.batches * as_count(shape_.rows) * as_count(shape_.rows * shape_.columns);
    counts.weight += loads;
    counts.weight_gates.passed += loads;
    enables_.weight += 2 * tile.batches;
  }
  const auto pes = static_cast<std::size_t>(shape_.rows * shape_.columns);
  if (gating_.zero_activation && held_.empty()) {
    held_.assign(tile.batches * pes, 0);
    held_skew_.assign(tile.batches * static_cast<std::size_t>(shape_.rows), 0);
  }
  add_moving(tile, counts);
  if (gating_.unchanged_partial_sum) add_late_move(on, counts);
  if (gating_.unchanged_partial_sum) note_late_flags(on, tile);
  before_ = place;
  batches_before_ = tile.batches;
}

void ClockCounter::finish(ClockCounts& counts) {
  if (!before_) return;
  add_still(on_of(*before_), batches_before_, counts);
  if (changed_late_.empty()) return;
  counts.flag_toggles -= changed_late_.back() +
                         std::accumulate(move_late_.begin(), move_late_.end(), std::uint64_t{0});
  for (std::size_t c = 0; c + 1 < changed_late_.size(); ++c) {
    counts.deskew_flag_toggles -= changed_late_[c];
  }
}

ClockCounts clock_counts(const ArrayShape& shape, const Gating& gating,
                         const std::vector<TileOperands>& tiles) {
  ClockCounts counts;
  ClockCounter counter(shape, gating);
  for (const TileOperands& tile : tiles) {
    counter.add(tile_activity(shape, to_streams(tile)), counts);
  }
  counter.finish(counts);
  return counts;
}

}  // namespace togglewise::array
