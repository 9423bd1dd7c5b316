#include "sim/systemc/toggle_recorder.h"

namespace togglewise::systemc {

ToggleRecorder::ToggleRecorder(const array::ArrayShape& shape, int built_partial_sum_bits)
    : shape_(shape),
      widths_{built_partial_sum_bits, shape.partial_sum_bits},
      partial_sum_(shape.rows, shape.columns),
      activation_(shape.rows, shape.columns),
      weight_(shape.rows, shape.columns),
      shadow_(shape.rows, shape.columns),
      skew_(shape.rows, shape.rows),
      deskew_(shape.columns, shape.columns) {}

std::uint64_t ToggleRecorder::bytes(const RegisterView<std::uint8_t>& now,
                                    Snapshot<std::uint8_t>& before, int row, int column, int rows,
                                    int columns) {
  return count_byte_toggles(now.row(row) + column, now.stride, before.at(row, column),
                            before.stride, {rows, columns, 0});
}

std::uint64_t ToggleRecorder::words(const RegisterView<std::uint32_t>& now,
                                    Snapshot<std::int32_t>& before, int row, int column, int rows,
                                    int columns) {
  return count_word_toggles(now.row(row) + column, now.stride, before.at(row, column),
                            before.stride, {rows, columns, 0}, widths_);
}

void ToggleRecorder::record(const ArrayRegisters& now, int used_rows, int used_columns) {
  const int rows = shape_.rows;
  const int columns = shape_.columns;
  const int idle_rows = rows - used_rows;
  const int idle_columns = columns - used_columns;

  array::PeToggles& sums = counts_.partial_sum;
  sums.active += words(now.partial_sum, partial_sum_, 0, 0, used_rows, used_columns);
  sums.idle_rows += words(now.partial_sum, partial_sum_, used_rows, 0, idle_rows, used_columns);
  sums.idle_columns += words(now.partial_sum, partial_sum_, 0, used_columns, rows, idle_columns);

  array::PeToggles& activations = counts_.activation;
  activations.active += bytes(now.activation, activation_, 0, 0, used_rows, used_columns);
  activations.idle_rows +=
      bytes(now.activation, activation_, used_rows, 0, idle_rows, used_columns);
  activations.idle_columns +=
      bytes(now.activation, activation_, 0, used_columns, rows, idle_columns);

  counts_.weight += bytes(now.weight, weight_, 0, 0, rows, columns);
  counts_.shadow_weight += bytes(now.shadow, shadow_, 0, 0, rows, columns);

  // Stage s of the skew registers exists in the rows below row s: a triangle along the diagonal.
  if (rows > 1) {
    counts_.skew += count_byte_toggles(now.skew.data + 1, now.skew.stride + 1, skew_.at(0, 1),
                                       skew_.stride + 1, {rows - 1, rows - 1, -1});
  }
  if (columns > 1) {
    counts_.deskew += count_word_toggles(now.deskew.data, now.deskew.stride, deskew_.at(0, 0),
                                         deskew_.stride, {columns - 1, columns - 1, -1}, widths_);
  }
}

}  // namespace togglewise::systemc
