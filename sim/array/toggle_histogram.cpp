#include "sim/array/toggle_histogram.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace togglewise::array {
namespace {

// Counts two transitions at a time, by the pair of their groups, as long as a group fits a byte: a
// counter can be raised about once a cycle, however many transitions it stands for.
class PairCounter {
 public:
  PairCounter() : counts_(std::size_t{1} << 2 * kPairGroupBits, 0) {}

  void add(const TransitionGroups& tile) { tile.count_pairs(counts_.data()); }

  // Adds what was counted to `sum`, and begins anew.
  void flush(std::vector<std::uint64_t>& sum) {
    for (std::size_t pair = 0; pair < counts_.size(); ++pair) {
      if (counts_[pair] == 0) continue;
      sum[pair >> kPairGroupBits] += counts_[pair];
      sum[pair & ((std::size_t{1} << kPairGroupBits) - 1)] += counts_[pair];
      counts_[pair] = 0;
    }
  }

 private:
  std::vector<std::uint32_t> counts_;  // [second group][first group]
};

// For any number of groups, any number of transitions and small tiles. Transitions of the same
// group follow one another, and a counter cannot be raised again before its last store has come
// back: neighbours count in different copies, a fixed distance apart.
class SingleCounter {
 public:
  SingleCounter() : counts_(kMostGroups * kCopies, 0) {}

  void add(TransitionGroups& tile) {
    for (int c = 0; c < tile.columns(); ++c) {
      tile.select_column(c);
      for (std::size_t k = 0; k < tile.live_rows(); ++k) {
        add(tile.entering(k + 1), tile.transitions(),
            static_cast<std::uint32_t>(tile.live_row(k).repeats));
      }
    }
  }

  void flush(std::vector<std::uint64_t>& sum) {
    for (std::size_t copy = 0; copy < kCopies; ++copy) {
      for (std::size_t g = 0; g < sum.size(); ++g) sum[g] += counts_[copy * kMostGroups + g];
    }
    std::fill(counts_.begin(), counts_.end(), 0U);
  }

 private:
  void add(const std::uint16_t* group, std::size_t count, std::uint32_t times) {
    std::uint32_t* copies = counts_.data();
    std::size_t t = 0;
    for (; t + 4 <= count; t += 4) {
      std::uint64_t four;
      std::memcpy(&four, group + t, sizeof four);
      copies[0 * kMostGroups + (four & 0xFFFFU)] += times;
      copies[1 * kMostGroups + (four >> 16U & 0xFFFFU)] += times;
      copies[2 * kMostGroups + (four >> 32U & 0xFFFFU)] += times;
      copies[3 * kMostGroups + (four >> 48U)] += times;
    }
    for (; t < count; ++t) copies[group[t]] += times;
  }

  static constexpr std::size_t kCopies = 4;
  static constexpr std::size_t kMostGroups = 1 + 32 * 33 / 2;
  std::vector<std::uint32_t> counts_;  // [copy][group]
};

}  // namespace

std::size_t group_count(ToggleGroup kind, int partial_sum_bits) {
  const auto bits = static_cast<std::size_t>(partial_sum_bits);
  return kind == ToggleGroup::distance ? bits + 1 : 1 + bits * (bits + 1) / 2;
}

std::size_t toggle_group(ToggleGroup kind, std::uint32_t toggled_bits) {
  const auto distance = static_cast<std::size_t>(__builtin_popcount(toggled_bits));
  if (kind == ToggleGroup::distance || toggled_bits == 0) return distance;
  const auto msb = static_cast<std::size_t>(31 - __builtin_clz(toggled_bits));
  return msb * (msb + 1) / 2 + distance;
}

TransitionGroups::TransitionGroups(ToggleGroup kind, const ArrayShape& shape,
                                   const TileStreams& streams)
    : kind_(kind),
      scale_(operand_scale(shape.partial_sum_bits)),
      weights_(weight_columns(streams, scale_)),
      block_(streams, scale_),
      used_rows_(streams.used_rows),
      groups_((static_cast<std::size_t>(streams.used_rows) + 1) * kBlockTransitions) {}

void TransitionGroups::select_column(int column) {
  const auto c = static_cast<std::size_t>(column);
  first_live_row_ = weights_.rows.data() + weights_.begin[c];
  live_rows_ = weights_.begin[c + 1] - weights_.begin[c];
  group_column(kind_, block_, weights_, column, groups_.data());
}

std::uint64_t TransitionGroups::still_rows() const {
  std::uint64_t still = 0;
  for (std::size_t c = 0; c + 1 < weights_.begin.size(); ++c) {
    const bool live = weights_.begin[c] < weights_.begin[c + 1];
    still += static_cast<std::uint64_t>(live ? weights_.rows[weights_.begin[c]].row : used_rows_);
  }
  return still;
}

std::vector<std::uint64_t> count_toggle_groups(ToggleGroup kind, const ArrayShape& shape,
                                               const TileStreams& streams) {
  // 32-bit counters hold that many blocks of the largest array.
  constexpr std::size_t kFlushTransitions = 256 * kBlockTransitions;
  std::vector<std::uint64_t> counts(group_count(kind, shape.partial_sum_bits), 0);
  // There are many pairs to clear and to sum up.
  const bool worth_pairs = counts.size() <= std::size_t{1} << kPairGroupBits &&
                           streams.weights.size() * streams.transitions_per_pe() >= std::size_t{1}
                                                                                        << 18U;
  SingleCounter singles;
  std::optional<PairCounter> pairs;
  if (worth_pairs) pairs.emplace();

  TransitionGroups tile(kind, shape, streams);
  for (std::size_t t = 0; t + 1 < streams.cycles; t += kBlockTransitions) {
    tile.select_block(t);
    counts[0] += tile.still_rows() * tile.transitions();
    if (pairs && tile.transitions() == kBlockTransitions) {
      pairs->add(tile);
    } else {
      singles.add(tile);
    }
    if ((t + kBlockTransitions) % kFlushTransitions != 0) continue;
    singles.flush(counts);
    if (pairs) pairs->flush(counts);
  }
  singles.flush(counts);
  if (pairs) pairs->flush(counts);
  return counts;
}

}  // namespace togglewise::array
