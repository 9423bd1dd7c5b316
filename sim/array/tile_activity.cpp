#include "sim/array/tile_activity.h"

#include <cstddef>
#include <numeric>

namespace togglewise::array {
namespace {

// Bits over time, batch behind batch: of each batch the M + 1 cycles in which something can move,
// and one in which nothing does.
using Bits = std::vector<std::uint64_t>;

// Adds the bits that are set, and how often neighbouring ones differ; the last bit is 0.
void count(const Bits& bits, std::uint64_t& set, std::uint64_t& toggles) {
  std::uint64_t carry = 0;
  for (const std::uint64_t word : bits) {
    set += static_cast<std::uint64_t>(__builtin_popcountll(word));
    toggles += static_cast<std::uint64_t>(__builtin_popcountll(word ^ (word << 1 | carry)));
    carry = word >> 63;
  }
}

// How often each pattern of changed bits occurred.
using ChangeHistogram = std::array<std::uint32_t, 256>;

BitCounts toggles_of(const ChangeHistogram& changes, int bits) {
  BitCounts toggles{};
  for (std::size_t change = 0; change < changes.size(); ++change) {
    for (std::size_t bit = 0; bit < static_cast<std::size_t>(bits); ++bit) {
      if ((change >> bit & 1U) != 0) toggles[bit] += changes[change];
    }
  }
  return toggles;
}

std::size_t changed_bits(std::int8_t a, std::int8_t b) { return static_cast<std::uint8_t>(a ^ b); }

struct RowReader {
  const TileStreams& streams;
  RowActivity row;
  Bits moves;
  ChangeHistogram changes{};
  ChangeHistogram held_changes{};

  explicit RowReader(const TileStreams& of) : streams(of), moves(words_of(of), 0) {}

  static std::size_t batch_bits(const TileStreams& of) {
    return static_cast<std::size_t>(of.stream_length) + 2;
  }
  static std::size_t words_of(const TileStreams& of) {
    return (static_cast<std::size_t>(of.batches) * batch_bits(of) + 63) / 64;
  }

  // `a` are the batch's activations with the zeros before and behind them.
  void add_batch(const std::int8_t* a, std::size_t first_bit) {
    const auto cycles = static_cast<std::size_t>(streams.stream_length) + 1;
    std::int8_t first = 0;
    std::int8_t held = 0;
    bool zero_before = true;
    bool move_before = false;
    bool both_before = false;
    for (std::size_t t = 1; t <= cycles; ++t) {
      const std::size_t change = changed_bits(a[t], a[t - 1]);
      const bool zero = a[t] == 0;
      const bool move = change != 0;
      const bool both = move && !zero;
      ++changes[change];
      moves[(first_bit + t - 1) / 64] |= std::uint64_t{move} << ((first_bit + t - 1) % 64);
      row.nonzero += zero ? 0 : 1;
      row.nonzero_moves += both ? 1 : 0;
      row.zero_toggles += zero != zero_before ? 1 : 0;
      row.move_toggles += move != move_before ? 1 : 0;
      row.nonzero_move_toggles += both != both_before ? 1 : 0;
      zero_before = zero;
      move_before = move;
      both_before = both;
      if (zero) continue;
      if (first == 0) {
        first = a[t];
      } else {
        ++held_changes[changed_bits(a[t], held)];
      }
      held = a[t];
    }
    row.move_toggles += move_before ? 1 : 0;
    row.ends_nonzero.push_back(move_before ? 1 : 0);
    row.nonzero_move_toggles += both_before ? 1 : 0;
    row.first.push_back(first);
    row.last.push_back(held);
  }

  void read(int r, int activation_bits) {
    const auto length = static_cast<std::size_t>(streams.stream_length);
    for (std::size_t b = 0; b < static_cast<std::size_t>(streams.batches); ++b) {
      add_batch(streams.row(r) + b * (length + 1), b * batch_bits(streams));
    }
    row.toggles = toggles_of(changes, activation_bits);
    row.held_toggles = toggles_of(held_changes, activation_bits);
    row.moves = std::accumulate(changes.begin() + 1, changes.end(), std::uint64_t{0});
    for (int c = 0; c < streams.used_columns; ++c) {
      row.used_weights += streams.weight(r, c) != 0 ? 1 : 0;
    }
  }
};

// Down one column.
void add_column(const ArrayShape& shape, const TileStreams& streams, const std::vector<Bits>& moves,
                const std::vector<RowActivity>& rows, int column, Bits& changed,
                ChangeActivity& sum) {
  changed.assign(changed.size(), 0);
  std::uint64_t cycles = 0;
  std::uint64_t toggles = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (streams.weight(static_cast<int>(r), column) != 0) {
      sum.used_above_toggles += toggles;
      sum.used_move_toggles += rows[r].move_toggles;
      for (std::size_t i = 0; i < changed.size(); ++i) changed[i] |= moves[r][i];
      cycles = toggles = 0;
      count(changed, cycles, toggles);
      sum.used_toggles += toggles;
    } else {
      sum.unused_above_toggles += toggles;
      sum.unused_move_toggles += rows[r].move_toggles;
    }
    sum.cycles += cycles;
    sum.toggles += toggles;
  }
  const auto below = static_cast<std::uint64_t>(streams.rows_below(shape.rows));
  sum.cycles += below * cycles;
  sum.toggles += below * toggles;
  sum.unused_above_toggles += below * toggles;
  const auto deskew = static_cast<std::uint64_t>(shape.columns - 1 - column);
  sum.deskew_cycles += deskew * cycles;
  sum.deskew_toggles += deskew * toggles;
  const std::size_t batch_bits = RowReader::batch_bits(streams);
  std::uint64_t high = 0;
  for (std::size_t b = 0; b < static_cast<std::size_t>(streams.batches); ++b) {
    const std::size_t last = (b + 1) * batch_bits - 2;
    high += changed[last / 64] >> (last % 64) & 1U;
  }
  sum.high_at_end.push_back(high);
}

}  // namespace

std::uint64_t sum_of(const BitCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

TileActivity tile_activity(const ArrayShape& shape, const TileStreams& streams) {
  TileActivity activity;
  activity.first_row = streams.first_row;
  activity.used_rows = streams.used_rows;
  activity.used_columns = streams.used_columns;
  activity.stream_length = streams.stream_length;
  activity.batches = static_cast<std::uint64_t>(streams.batches);
  std::vector<Bits> moves;
  for (int r = 0; r < streams.used_rows; ++r) {
    RowReader reader(streams);
    reader.read(r, shape.activation_bits);
    activity.rows.push_back(std::move(reader.row));
    moves.push_back(std::move(reader.moves));
  }
  Bits changed(RowReader::words_of(streams), 0);
  for (int c = 0; c < streams.used_columns; ++c) {
    add_column(shape, streams, moves, activity.rows, c, changed, activity.changes);
  }
  return activity;
}

}  // namespace togglewise::array
