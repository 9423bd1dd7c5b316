#include "sim/array/toggle_histogram.h"

#include <algorithm>
#include <cstring>

namespace togglewise::array {
namespace {

// Transitions of the same group follow one another, and a counter cannot be raised again before its
// last store has come back: neighbours count in different copies.
constexpr std::size_t kCopies = 8;

void count_groups(const std::uint16_t* group, std::size_t count, std::uint32_t times,
                  std::size_t groups, std::uint32_t* copies) {
  std::size_t t = 0;
  for (; t + kCopies <= count; t += kCopies) {
    std::uint64_t four[2];
    std::memcpy(four, group + t, sizeof four);
    for (std::size_t i = 0; i < kCopies; ++i) {
      copies[i * groups + (four[i / 4] >> (16 * (i % 4)) & 0xFFFFU)] += times;
    }
  }
  for (; t < count; ++t) copies[group[t]] += times;
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
  std::vector<std::uint64_t> counts(groups, 0);
  std::vector<std::uint32_t> copies(groups * kCopies);
  TransitionGroups tile(kind, shape, streams);
  for (std::size_t t = 0; t + 1 < streams.cycles; t += kBlockTransitions) {
    tile.select_block(t);
    std::fill(copies.begin(), copies.end(), 0U);
    for (int c = 0; c < streams.used_columns; ++c) {
      tile.select_column(c);
      // Rows of weight zero above the first live row: nothing toggles.
      const auto still = static_cast<std::size_t>(tile.live_rows() == 0 ? streams.used_rows
                                                                        : tile.live_row(0).row);
      counts[0] += still * tile.transitions();
      for (std::size_t k = 0; k < tile.live_rows(); ++k) {
        count_groups(tile.entering(k + 1), tile.transitions(),
                     static_cast<std::uint32_t>(tile.live_row(k).repeats), groups, copies.data());
      }
    }
    for (std::size_t i = 0; i < copies.size(); ++i) counts[i % groups] += copies[i];
  }
  return counts;
}

}  // namespace togglewise::array
