#include "sim/systemc/toggle_recorder.h"

#include <algorithm>

namespace togglewise::systemc {
namespace {

std::uint8_t low_bits(int bits) { return static_cast<std::uint8_t>((1u << bits) - 1u); }

}  // namespace

ToggleRecorder::ToggleRecorder(const array::ArrayShape& shape, int built_partial_sum_bits,
                               bool double_buffered)
    : shape_(shape),
      widths_{built_partial_sum_bits, shape.partial_sum_bits},
      weight_mask_(low_bits(shape.weight_bits)),
      activation_mask_(low_bits(shape.activation_bits)),
      double_buffered_(double_buffered),
      partial_sum_(shape.rows, shape.columns),
      activation_(shape.rows, shape.columns),
      weight_(shape.rows, shape.columns),
      shadow_(shape.rows, shape.columns),
      skew_(shape.rows, shape.rows),
      deskew_(shape.columns, shape.columns),
      update_(shape.rows, shape.columns),
      update_skew_(shape.rows, shape.rows) {}

std::uint64_t ToggleRecorder::bytes(const RegisterView<std::uint8_t>& now,
                                    Snapshot<std::uint8_t>& before, const Block& block,
                                    std::uint8_t mask) {
  return count_byte_toggles(now.row(block.row) + block.column, now.stride,
                            before.at(block.row, block.column), before.stride,
                            {block.rows, block.columns, 0}, mask);
}

std::uint64_t ToggleRecorder::words(const RegisterView<std::uint32_t>& now,
                                    Snapshot<std::int32_t>& before, const Block& block) {
  return count_word_toggles(now.row(block.row) + block.column, now.stride,
                            before.at(block.row, block.column), before.stride,
                            {block.rows, block.columns, 0}, widths_);
}

// Stage s of the skew registers exists in the rows below row s: a triangle along the diagonal.
std::uint64_t ToggleRecorder::skew_bytes(const RegisterView<std::uint8_t>& now,
                                         Snapshot<std::uint8_t>& before, std::uint8_t mask) {
  if (shape_.rows == 1) return 0;
  return count_byte_toggles(now.data + 1, now.stride + 1, before.at(0, 1), before.stride + 1,
                            {shape_.rows - 1, shape_.rows - 1, -1}, mask);
}

// A block of PEs that all work for the same tile, cut into active, idle rows and idle columns.
void ToggleRecorder::record_pes(const ArrayRegisters& now, const Block& block,
                                const TileSize& tile) {
  const int above = std::clamp(tile.first_row - block.row, 0, block.rows);
  const int used_end = std::clamp(tile.first_row + tile.rows - block.row, 0, block.rows);
  const int used_columns = std::clamp(tile.columns - block.column, 0, block.columns);
  const Block idle_above{block.row, block.column, above, used_columns};
  const Block active{block.row + above, block.column, used_end - above, used_columns};
  const Block idle_below{block.row + used_end, block.column, block.rows - used_end, used_columns};
  const Block idle_columns{block.row, block.column + used_columns, block.rows,
                           block.columns - used_columns};
  const auto add = [&](const Block& part, std::uint64_t& sums, std::uint64_t& activations) {
    if (part.rows == 0 || part.columns == 0) return;
    sums += words(now.partial_sum, partial_sum_, part);
    activations += bytes(now.activation, activation_, part, activation_mask_);
  };
  add(active, counts_.partial_sum.active, counts_.activation.active);
  add(idle_above, counts_.partial_sum.idle_rows, counts_.activation.idle_rows);
  add(idle_below, counts_.partial_sum.idle_rows, counts_.activation.idle_rows);
  add(idle_columns, counts_.partial_sum.idle_columns, counts_.activation.idle_columns);
}

void ToggleRecorder::record(const ArrayRegisters& now, const PeOwners& owners) {
  const int rows = shape_.rows;
  const int columns = shape_.columns;
  const Block all{0, 0, rows, columns};
  if (owners.wave >= rows + columns - 2 || owners.leaving == owners.arriving) {
    record_pes(now, all, owners.arriving);
  } else {
    for (int r = 0; r < rows; ++r) {
      const int arrived = std::clamp(owners.wave - r + 1, 0, columns);
      record_pes(now, {r, 0, 1, arrived}, owners.arriving);
      record_pes(now, {r, arrived, 1, columns - arrived}, owners.leaving);
    }
  }

  counts_.weight += bytes(now.weight, weight_, all, weight_mask_);
  counts_.shadow_weight += bytes(now.shadow, shadow_, all, weight_mask_);
  counts_.skew += skew_bytes(now.skew, skew_, activation_mask_);
  if (columns > 1) {
    counts_.deskew += count_word_toggles(now.deskew.data, now.deskew.stride, deskew_.at(0, 0),
                                         deskew_.stride, {columns - 1, columns - 1, -1}, widths_);
  }
  if (double_buffered_) {
    counts_.weight_update += bytes(now.update, update_, all, 1);
    counts_.weight_update += skew_bytes(now.update_skew, update_skew_, 1);
  }
}

}  // namespace togglewise::systemc
