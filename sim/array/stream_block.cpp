#include "sim/array/stream_block.h"

#include <algorithm>

#include "sim/array/toggle_kernels.h"

namespace togglewise::array {
namespace {

// int8 operands may be shifted by 8 bits within int16.
constexpr int kMostShift = 8;

std::int32_t int16_pair(int even, int odd) {
  const auto low = static_cast<std::uint32_t>(even) & 0xFFFFU;
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(odd) << 16U) | low);
}

}  // namespace

OperandScale operand_scale(int partial_sum_bits) {
  OperandScale scale;
  const int shift = std::min(32 - partial_sum_bits, 2 * kMostShift);
  scale.weight_shift = std::min(shift, kMostShift);
  scale.activation_shift = shift - scale.weight_shift;
  scale.unused_bits = shift;
  scale.masked = partial_sum_bits + shift < 32;
  if (scale.masked) scale.mask = ((1U << partial_sum_bits) - 1U) << static_cast<unsigned>(shift);
  return scale;
}

WeightColumns weight_columns(const TileStreams& streams, const OperandScale& scale) {
  WeightColumns result;
  result.rows.reserve(streams.weights.size());
  result.begin.push_back(0);
  result.start = static_cast<std::int32_t>(static_cast<std::uint32_t>(streams.partial_sum_offset)
                                           << static_cast<unsigned>(scale.unused_bits));
  for (int c = 0; c < streams.used_columns; ++c) {
    for (int r = 0; r < streams.used_rows; ++r) {
      const int weight = streams.weight(r, c) * (1 << scale.weight_shift);
      if (weight != 0) {
        result.rows.push_back({int16_pair(weight, 0), int16_pair(0, weight), r, 1});
      } else if (result.rows.size() > result.begin.back()) {
        ++result.rows.back().repeats;
      }
    }
    result.begin.push_back(static_cast<std::uint32_t>(result.rows.size()));
  }
  return result;
}

StreamBlock::StreamBlock(const TileStreams& streams, const OperandScale& scale)
    : streams_(streams),
      scale_(scale),
      values_(hwy::AllocateAligned<std::int16_t>(static_cast<std::size_t>(streams.used_rows) *
                                                 kBlockStride)) {}

void StreamBlock::fill(std::size_t first) {
  transitions_ = std::min(kBlockTransitions, streams_.cycles - 1 - first);
  // Both neighbours of the last pair's transitions are needed.
  const std::size_t available = std::min(kBlockTransitions + 2, streams_.cycles - first);
  for (int r = 0; r < streams_.used_rows; ++r) {
    std::int16_t* to = values_.get() + static_cast<std::size_t>(r) * kBlockStride;
    widen(streams_.row(r) + first, available, scale_.activation_shift, to);
    std::fill(to + available, to + kBlockStride, std::int16_t{0});
  }
}

}  // namespace togglewise::array
