#include "sim/array/toggle_engine.h"

#include "sim/array/falling_bits.h"
#include "sim/array/stream_block.h"
#include "sim/array/toggle_kernels.h"

namespace togglewise::array {
namespace {

std::uint32_t low_bits(int count) { return count >= 32 ? ~0U : (1U << count) - 1U; }

template <typename Work>
void for_each_block(const TileStreams& streams, const OperandScale& scale, const Work& work) {
  StreamBlock block(streams, scale);
  for (std::size_t t = 0; t + 1 < streams.cycles; t += kBlockTransitions) {
    block.fill(t);
    work(block);
  }
}

template <typename Counts>
void add_to(Counts& to, const Counts& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

ToggleCounts count_toggles(const ArrayShape& shape, const TileStreams& streams) {
  ToggleCounts counts;
  const auto used_columns = static_cast<std::uint64_t>(streams.used_columns);
  for (int r = 0; r < streams.used_rows; ++r) {
    const std::uint64_t toggled =
        byte_toggles(streams.row(r), streams.cycles, low_bits(shape.activation_bits));
    counts.activation.active += toggled * used_columns;
    counts.activation.idle_columns +=
        toggled * (static_cast<std::uint64_t>(shape.columns) - used_columns);
    counts.skew += toggled * static_cast<std::uint64_t>(streams.first_row + r);
  }
  const OperandScale scale = operand_scale(shape.partial_sum_bits);
  const WeightColumns weights = weight_columns(streams, scale);
  FallingEdges falls;
  for_each_block(streams, scale, [&](const StreamBlock& block) {
    add_falling_edges(block, weights, shape.columns, falls);
  });
  counts.partial_sum.active = 2 * falls.active;
  counts.partial_sum.idle_rows =
      2 * falls.bottom * static_cast<std::uint64_t>(streams.rows_below(shape.rows));
  counts.deskew = 2 * falls.deskew;
  return counts;
}

BitToggles& BitToggles::operator+=(const BitToggles& other) {
  add_to(partial_sum, other.partial_sum);
  add_to(activation, other.activation);
  return *this;
}

BitToggles count_bit_toggles(const ArrayShape& shape, const TileStreams& streams) {
  BitToggles toggles;
  for (int r = 0; r < streams.used_rows; ++r) {
    for (int b = 0; b < shape.activation_bits; ++b) {
      toggles.activation[static_cast<std::size_t>(b)] +=
          static_cast<std::uint64_t>(streams.used_columns) *
          byte_toggles(streams.row(r), streams.cycles, 1U << b);
    }
  }
  const OperandScale scale = operand_scale(shape.partial_sum_bits);
  const WeightColumns weights = weight_columns(streams, scale);
  FallingBits falls(streams.used_rows);
  for_each_block(streams, scale, [&](const StreamBlock& block) { falls.add(block, weights); });
  const std::array<std::uint64_t, 32> of_lane = falls.totals();
  for (int b = 0; b < shape.partial_sum_bits; ++b) {
    toggles.partial_sum[static_cast<std::size_t>(b)] =
        2 * of_lane[static_cast<std::size_t>(b + scale.unused_bits)];
  }
  return toggles;
}

PeToggleMap::PeToggleMap(const ArrayShape& shape)
    : rows(shape.rows),
      columns(shape.columns),
      partial_sum(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns), 0),
      activation(partial_sum.size(), 0) {}

PeToggleMap& PeToggleMap::operator+=(const PeToggleMap& other) {
  add_to(partial_sum, other.partial_sum);
  add_to(activation, other.activation);
  return *this;
}

PeToggleMap count_pe_toggles(const ArrayShape& shape, const TileStreams& streams) {
  const OperandScale scale = operand_scale(shape.partial_sum_bits);
  const WeightColumns weights = weight_columns(streams, scale);
  std::vector<std::uint64_t> falls(weights.rows.size(), 0);
  for_each_block(streams, scale, [&](const StreamBlock& block) {
    add_falling_edges_of_rows(block, weights, falls.data());
  });

  PeToggleMap map(shape);
  const auto columns = static_cast<std::size_t>(shape.columns);
  for (int r = 0; r < streams.used_rows; ++r) {
    const std::uint64_t toggled =
        byte_toggles(streams.row(r), streams.cycles, low_bits(shape.activation_bits));
    for (std::size_t c = 0; c < columns; ++c) {
      map.activation[static_cast<std::size_t>(streams.first_row + r) * columns + c] = toggled;
    }
  }
  for (std::size_t c = 0; c < static_cast<std::size_t>(streams.used_columns); ++c) {
    std::uint32_t next = weights.begin[c];
    std::uint64_t toggled = 0;
    for (int r = 0; r < shape.rows; ++r) {
      if (next < weights.begin[c + 1] && weights.rows[next].row == r - streams.first_row) {
        toggled = 2 * falls[next++];
      }
      map.partial_sum[static_cast<std::size_t>(r) * columns + c] = toggled;
    }
  }
  return map;
}

}  // namespace togglewise::array
