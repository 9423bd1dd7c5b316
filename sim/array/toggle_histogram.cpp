#include "sim/array/toggle_histogram.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace togglewise::array {
namespace {

// Counts two transitions at a time, by the pair of their groups, as long as a group fits a byte: a
// counter can be raised about once a cycle, however many transitions it stands for.
class PairCounter {
 public:
  explicit PairCounter(std::size_t groups) : counts_(groups << kGroupBits, 0) {}

  void add(const std::uint16_t* group, std::size_t count, std::uint32_t times) {
    std::uint32_t* counts = counts_.data();
    std::size_t t = 0;
    for (; t + 4 <= count; t += 4) {
      std::uint64_t four;
      std::memcpy(&four, group + t, sizeof four);
      const std::uint64_t pairs = four >> kGroupBits | four;
      counts[pairs & 0xFFFFU] += times;
      counts[pairs >> 32U & 0xFFFFU] += times;
    }
    for (; t < count; ++t) single_[group[t]] += times;
  }

  // Adds what was counted to `sum`, and begins anew.
  void flush(std::vector<std::uint64_t>& sum) {
    for (std::size_t pair = 0; pair < counts_.size(); ++pair) {
      if (counts_[pair] == 0) continue;
      sum[pair >> kGroupBits] += counts_[pair];
      sum[pair & (kGroups - 1)] += counts_[pair];
      counts_[pair] = 0;
    }
    for (std::size_t g = 0; g < sum.size(); ++g) sum[g] += single_[g];
    single_.fill(0);
  }

  static constexpr unsigned kGroupBits = 8;
  static constexpr std::size_t kGroups = 1U << kGroupBits;

 private:
  std::vector<std::uint32_t> counts_;  // [second group][first group]
  std::array<std::uint64_t, kGroups> single_{};
};

// For any number of groups and for small tiles. Transitions of the same group follow one another,
// and a counter cannot be raised again before its last store has come back: neighbours count in
// different copies, a fixed distance apart.
class SingleCounter {
 public:
  explicit SingleCounter(std::size_t) : counts_(kMostGroups * kCopies, 0) {}

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

  void flush(std::vector<std::uint64_t>& sum) {
    for (std::size_t copy = 0; copy < kCopies; ++copy) {
      for (std::size_t g = 0; g < sum.size(); ++g) sum[g] += counts_[copy * kMostGroups + g];
    }
    std::fill(counts_.begin(), counts_.end(), 0U);
  }

 private:
  static constexpr std::size_t kCopies = 4;
  static constexpr std::size_t kMostGroups = 1 + 32 * 33 / 2;
  std::vector<std::uint32_t> counts_;  // [copy][group]
};

template <class Counter>
std::vector<std::uint64_t> count_with(ToggleGroup kind, const ArrayShape& shape,
                                      const TileStreams& streams) {
  // 32-bit counters hold that many blocks of the largest array.
  constexpr std::size_t kFlushTransitions = 256 * kBlockTransitions;
  std::vector<std::uint64_t> counts(group_count(kind, shape.partial_sum_bits), 0);
  Counter counter(counts.size());
  TransitionGroups tile(kind, shape, streams);
  for (std::size_t t = 0; t + 1 < streams.cycles; t += kBlockTransitions) {
    tile.select_block(t);
    for (int c = 0; c < streams.used_columns; ++c) {
      tile.select_column(c);
      // Rows of weight zero above the first live row: nothing toggles.
      const auto still = static_cast<std::size_t>(tile.live_rows() == 0 ? streams.used_rows
                                                                        : tile.live_row(0).row);
      counts[0] += still * tile.transitions();
      for (std::size_t k = 0; k < tile.live_rows(); ++k) {
        counter.add(tile.entering(k + 1), tile.transitions(),
                    static_cast<std::uint32_t>(tile.live_row(k).repeats));
      }
    }
    if ((t + kBlockTransitions) % kFlushTransitions == 0) counter.flush(counts);
  }
  counter.flush(counts);
  return counts;
}

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
      groups_((static_cast<std::size_t>(streams.used_rows) + 1) * kBlockTransitions) {}

void TransitionGroups::select_column(int column) {
  const auto c = static_cast<std::size_t>(column);
  first_live_row_ = weights_.rows.data() + weights_.begin[c];
  live_rows_ = weights_.begin[c + 1] - weights_.begin[c];
  group_column(kind_, block_, weights_, column, groups_.data());
}

std::vector<std::uint64_t> count_toggle_groups(ToggleGroup kind, const ArrayShape& shape,
                                               const TileStreams& streams) {
  const std::size_t groups = group_count(kind, shape.partial_sum_bits);
  const std::size_t transitions = streams.weights.size() * streams.transitions_per_pe();
  // Pairs have up to 2^16 counters to clear and to sum up.
  if (groups <= PairCounter::kGroups && transitions >= std::size_t{1} << 18U) {
    return count_with<PairCounter>(kind, shape, streams);
  }
  return count_with<SingleCounter>(kind, shape, streams);
}

}  // namespace togglewise::array
