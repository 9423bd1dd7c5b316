#include "sim/array/clock_reference.h"

#include <cstddef>
#include <stdexcept>

namespace togglewise::array {
namespace {

std::uint64_t toggles(std::int32_t before, std::int32_t after, int bits) {
  const std::uint32_t mask = bits >= 32 ? ~0U : (1U << bits) - 1U;
  const auto changed = static_cast<std::uint32_t>(before) ^ static_cast<std::uint32_t>(after);
  return static_cast<std::uint64_t>(__builtin_popcount(changed & mask));
}

// What a register of the activations' path holds, and the flags beside it.
struct Word {
  std::int32_t value = 0;
  bool zero = false;  // the value stands for zero
  bool move = false;  // it is not the one of the cycle before
};

// The same in the partial sums' path.
struct Sum {
  std::int32_t value = 0;
  bool changed = false;  // it was written in the cycle before
};

template <class Element>
using Grid = std::vector<std::vector<Element>>;

template <class Element>
Grid<Element> grid(int rows, int columns, const Element& element) {
  return Grid<Element>(static_cast<std::size_t>(rows),
                       std::vector<Element>(static_cast<std::size_t>(columns), element));
}

// One cycle as the tile engine sees it.
struct Cycle {
  const TileOperands* running = nullptr;  // null behind the last tile
  const TileOperands* resting = nullptr;  // the tile that ended in the cycle before
  std::int64_t of_tile = 0;               // counted from the running tile's first load cycle
};

bool uses_column(const TileOperands* tile, int c) { return tile && c < tile->used_columns; }
bool reaches_row(const TileOperands* tile, int r) { return tile && r >= tile->first_row; }
bool uses_row(const TileOperands* tile, int r) {
  return reaches_row(tile, r) && r < tile->first_row + tile->used_rows;
}

class GatedArray {
 public:
  GatedArray(const ArrayShape& shape, const Gating& gating, std::int32_t offset)
      : shape_(shape), gating_(gating), offset_(offset) {
    const Word rest_word{0, gating.zero_activation, false};
    word_ = grid(shape.rows, shape.columns, rest_word);
    sum_ = grid(shape.rows, shape.columns, Sum{offset, false});
    weight_ = shadow_ = plain_activation_ = grid(shape.rows, shape.columns, 0);
    plain_sum_ = grid(shape.rows, shape.columns, offset);
    previous_.assign(static_cast<std::size_t>(shape.rows), 0);
    for (int r = 0; r < shape.rows; ++r) skew_.emplace_back(r, rest_word);
    plain_skew_ = grid(shape.rows, 0, 0);
    for (int r = 0; r < shape.rows; ++r) plain_skew_[index(r)].assign(index(r), 0);
    for (int c = 0; c < shape.columns; ++c) {
      deskew_.emplace_back(shape.columns - 1 - c, Sum{offset, false});
    }
  }

  // One clock edge: every register is read before it is written.
  void clock(const Cycle& cycle) {
    ++counts_.cycles;
    const std::vector<Word> entering = enter(cycle);
    for (int c = 0; c < shape_.columns; ++c) {
      const bool on = column_on(cycle, c);
      clocked(counts_.column_gates, gating_.idle_columns, true, on);
      counts_.accumulator += on ? 1 : 0;
      clock_deskew(c, on);
    }
    for (int r = shape_.rows - 1; r >= 0; --r) {
      for (int c = shape_.columns - 1; c >= 0; --c) clock_pe(cycle, entering, r, c);
      clock_skew(cycle, entering[index(r)], r);
    }
    clock_plain(cycle);
    clock_weights(cycle);
  }

  const ClockCounts& counts() const { return counts_; }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  // Whether a register behind a gate, or behind none, is clocked.
  static bool clocked(GateCycles& gate, bool has_gate, bool arriving, bool enable) {
    if (!has_gate) return arriving;
    gate.arriving += arriving ? 1 : 0;
    gate.passed += arriving && enable ? 1 : 0;
    return arriving && enable;
  }

  bool column_on(const Cycle& cycle, int c) const {
    return !gating_.idle_columns || uses_column(cycle.running, c) || uses_column(cycle.resting, c);
  }
  bool row_on(const Cycle& cycle, int r) const {
    return !gating_.idle_rows || uses_row(cycle.running, r) || uses_row(cycle.resting, r);
  }
  bool sum_row_on(const Cycle& cycle, int r) const {
    return !gating_.idle_rows || reaches_row(cycle.running, r) || reaches_row(cycle.resting, r);
  }

  std::int32_t port_activation(const Cycle& cycle, int r) const {
    const std::int64_t m = cycle.of_tile - shape_.rows;
    if (!uses_row(cycle.running, r) || m < 0 || m >= cycle.running->stream_length) return 0;
    const TileOperands& tile = *cycle.running;
    return tile.activations[static_cast<std::size_t>(m) * index(tile.used_rows) +
                            index(r - tile.first_row)];
  }

  std::vector<Word> enter(const Cycle& cycle) {
    std::vector<Word> entering;
    for (int r = 0; r < shape_.rows; ++r) {
      const std::int32_t a = port_activation(cycle, r);
      std::int32_t& previous = previous_[index(r)];
      entering.push_back(
          {a, gating_.zero_activation && a == 0, gating_.unchanged_partial_sum && a != previous});
      if (!gating_.unchanged_partial_sum) continue;
      ++counts_.port_flags;
      counts_.port_toggles += toggles(previous, a, shape_.activation_bits);
      previous = a;
    }
    return entering;
  }

  // Whether a word's value is worth a clock, and its flags' clock.
  bool worth_writing(const Word& in) const {
    return !(gating_.zero_activation && in.zero) && !(gating_.unchanged_partial_sum && !in.move);
  }
  void clock_flags(Word& held, const Word& in, std::uint64_t& cycles, std::uint64_t& toggled) {
    cycles += (gating_.zero_activation ? 1U : 0U) + (gating_.unchanged_partial_sum ? 1U : 0U);
    toggled += (held.zero != in.zero ? 1U : 0U) + (held.move != in.move ? 1U : 0U);
    held.zero = in.zero;
    held.move = in.move;
  }

  void clock_pe(const Cycle& cycle, const std::vector<Word>& entering, int r, int c) {
    const Word in = c > 0   ? word_[index(r)][index(c - 1)]
                    : r > 0 ? skew_[index(r)].back()
                            : entering[index(r)];
    const Sum above = r > 0 ? sum_[index(r - 1)][index(c)] : Sum{offset_, false};
    const std::int32_t weight = weight_[index(r)][index(c)];
    const bool on = column_on(cycle, c);

    Word& word = word_[index(r)][index(c)];
    const bool gated_word =
        gating_.idle_rows || gating_.zero_activation || gating_.unchanged_partial_sum;
    if (clocked(counts_.activation_gates, gated_word, on, row_on(cycle, r) && worth_writing(in))) {
      ++counts_.activation;
      counts_.activation_toggles += toggles(word.value, in.value, shape_.activation_bits);
      word.value = in.value;
    }
    if (on) clock_flags(word, in, counts_.flags, counts_.flag_toggles);

    const bool hidden =
        (gating_.zero_activation && in.zero) || (gating_.zero_weight && weight == 0);
    const std::int32_t effective = hidden ? 0 : in.value;
    const bool may_change =
        !gating_.unchanged_partial_sum || above.changed || (in.move && weight != 0);
    const bool enable = sum_row_on(cycle, r) && may_change;
    Sum& sum = sum_[index(r)][index(c)];
    const bool gated_sum = gating_.idle_rows || gating_.unchanged_partial_sum;
    if (clocked(counts_.partial_sum_gates, gated_sum, on, enable)) {
      ++counts_.partial_sum;
      sum.value = above.value + weight * effective;
    }
    if (on) clock_changed(sum, enable, counts_.flags, counts_.flag_toggles);
  }

  void clock_changed(Sum& held, bool changed, std::uint64_t& cycles, std::uint64_t& toggled) {
    if (!gating_.unchanged_partial_sum) return;
    ++cycles;
    toggled += held.changed != changed ? 1 : 0;
    held.changed = changed;
  }

  void clock_skew(const Cycle& cycle, const Word& entering, int r) {
    std::vector<Word>& stages = skew_[index(r)];
    if (stages.empty()) return;
    const bool on = row_on(cycle, r);
    clocked(counts_.row_gates, gating_.idle_rows, true, on);
    const bool gated = gating_.zero_activation || gating_.unchanged_partial_sum;
    for (std::size_t s = stages.size(); s-- > 0;) {
      const Word in = s > 0 ? stages[s - 1] : entering;
      if (clocked(counts_.skew_gates, gated, on, worth_writing(in))) {
        ++counts_.skew_data;
        counts_.skew_toggles += toggles(stages[s].value, in.value, shape_.activation_bits);
        stages[s].value = in.value;
      }
      clock_flags(stages[s], in, counts_.skew_flags, counts_.skew_flag_toggles);
    }
  }

  void clock_deskew(int c, bool on) {
    std::vector<Sum>& stages = deskew_[index(c)];
    for (std::size_t s = stages.size(); s-- > 0;) {
      const Sum in = s > 0 ? stages[s - 1] : sum_[index(shape_.rows - 1)][index(c)];
      if (clocked(counts_.deskew_gates, gating_.unchanged_partial_sum, on, in.changed)) {
        ++counts_.deskew_data;
        stages[s].value = in.value;
      }
      // Every stage holds what the one before it did a cycle earlier, clocked or not.
      if (stages[s].value != in.value) throw std::logic_error("a deskew register missed a value");
      if (on) {
        clock_changed(stages[s], in.changed, counts_.deskew_flags, counts_.deskew_flag_toggles);
      }
    }
  }

  void clock_weights(const Cycle& cycle) {
    const bool load = cycle.running && cycle.of_tile < shape_.rows;
    const std::int64_t entering_row = shape_.rows - 1 - cycle.of_tile;
    for (int r = shape_.rows - 1; r >= 0; --r) {
      for (int c = 0; c < shape_.columns; ++c) {
        if (!clocked(counts_.weight_gates, gating_.weight_registers, true, load)) continue;
        ++counts_.weight;
        if (!load) continue;
        shadow_[index(r)][index(c)] =
            r > 0 ? shadow_[index(r - 1)][index(c)]
                  : tile_weight(*cycle.running, static_cast<int>(entering_row), c);
        if (entering_row == 0) weight_[index(r)][index(c)] = shadow_[index(r)][index(c)];
      }
    }
  }

  static std::int32_t tile_weight(const TileOperands& tile, int r, int c) {
    if (!uses_row(&tile, r) || !uses_column(&tile, c)) return 0;
    return tile.weights[index(r - tile.first_row) * index(tile.used_columns) + index(c)];
  }

  // The same array without gating; its weights are the same.
  void clock_plain(const Cycle& cycle) {
    for (int r = shape_.rows - 1; r >= 0; --r) {
      std::vector<std::int32_t>& stages = plain_skew_[index(r)];
      for (int c = shape_.columns - 1; c >= 0; --c) {
        const std::int32_t a = c > 0            ? plain_activation_[index(r)][index(c - 1)]
                               : stages.empty() ? port_activation(cycle, r)
                                                : stages.back();
        const std::int32_t above = r > 0 ? plain_sum_[index(r - 1)][index(c)] : offset_;
        std::int32_t& sum = plain_sum_[index(r)][index(c)];
        sum = above + weight_[index(r)][index(c)] * a;
        plain_activation_[index(r)][index(c)] = a;
        if (sum != sum_[index(r)][index(c)].value) {
          throw std::logic_error("a gated partial sum missed a value");
        }
      }
      for (std::size_t s = stages.size(); s-- > 0;) {
        stages[s] = s > 0 ? stages[s - 1] : port_activation(cycle, r);
      }
    }
  }

  ArrayShape shape_;
  Gating gating_;
  std::int32_t offset_;
  Grid<Word> word_, skew_;
  Grid<Sum> sum_, deskew_;
  Grid<std::int32_t> weight_, shadow_, plain_activation_, plain_sum_, plain_skew_;
  std::vector<std::int32_t> previous_;  // at the ports
  ClockCounts counts_;
};

}  // namespace

ClockCounts reference_clock_counts(const ArrayShape& shape, const Gating& gating,
                                   const std::vector<TileOperands>& tiles) {
  if (tiles.empty()) return {};
  GatedArray array(shape, gating, tiles.front().partial_sum_offset);
  const TileOperands* before = nullptr;
  for (const TileOperands& tile : tiles) {
    const std::int64_t cycles = 2 * shape.rows + shape.columns + tile.stream_length - 2;
    for (std::int64_t i = 0; i < cycles; ++i) array.clock({&tile, i == 0 ? before : nullptr, i});
    before = &tile;
  }
  array.clock({nullptr, before, 0});
  return array.counts();
}

}  // namespace togglewise::array
