#include "sim/systemc/system_array.h"

#include <algorithm>

namespace togglewise::systemc {

SystemArray::SystemArray(const sc_core::sc_module_name& name, FilterBuffer& filter,
                         IfmapBuffer& ifmap, OfmapBuffer& ofmap)
    : sc_module(name), filter_(filter), ifmap_(ifmap), ofmap_(ofmap) {
  SC_HAS_PROCESS(SystemArray);
  SC_METHOD(cycle);
  sensitive << clock.neg();
  dont_initialize();
}

void SystemArray::reset(const SystemJob& job) {
  rows_ = job.hardware.array.rows;
  columns_ = job.hardware.array.columns;
  last_vector_ = job.vectors - 1;
  unused_bits_ = 32 - job.hardware.array.partial_sum_bits;
  double_buffered_ = job.hardware.array.double_buffered_weights;
  offset_ = job.mapping.partial_sum_offset;
  step_ = 0;
  wave_ = -1;
  const std::size_t pes = at(rows_, 0);
  shadow_.assign(pes, 0);
  weight_.assign(pes, 0);
  activation_.assign(pes, 0);
  partial_sum_.assign(pes, offset_);
  skew_.assign(rows_, std::vector<std::int8_t>(rows_, 0));
  deskew_.assign(columns_, std::vector<std::int32_t>(columns_, 0));
  tags_.assign(rows_ + columns_ - 1, {});
  sums_.assign(columns_, 0);
  passed_ = drained_ = 0;
}

void SystemArray::cycle() {
  if (shift_tile.read() >= 0) shift_weights();
  if (step.read()) advance();
  waves_passed.write(passed_);
  tiles_drained.write(drained_);
}

// Rows enter at the top, the last one first. Without double buffering the weight registers take
// them over together with the last shift.
void SystemArray::shift_weights() {
  std::copy_backward(shadow_.begin(), shadow_.end() - columns_, shadow_.end());
  filter_.read_row(shift_tile.read(), shift_row.read(), shadow_.data());
  if (shift_row.read() == 0 && !double_buffered_)
    std::copy(shadow_.begin(), shadow_.end(), weight_.begin());
}

void SystemArray::advance() {
  enter();
  swap_weights();
  multiply_and_add();
  leave();
  ++step_;
}

void SystemArray::enter() {
  const Tag tag{enter_tile.read(), enter_vector.read()};
  tags_[step_ % tags_.size()] = tag;
  std::vector<std::int8_t>& vector = skew_[step_ % skew_.size()];
  if (tag.tile >= 0)
    ifmap_.read_vector(tag.tile, tag.vector, vector.data());
  else
    std::fill(vector.begin(), vector.end(), std::int8_t{0});
  if (tag.tile >= 0 && tag.vector == 0 && double_buffered_) wave_ = 0;
}

// The wave runs along with the tile's first vector.
void SystemArray::swap_weights() {
  if (wave_ < 0) return;
  for (int row = std::max(0, wave_ - columns_ + 1); row <= std::min(wave_, rows_ - 1); ++row)
    weight_[at(row, wave_ - row)] = shadow_[at(row, wave_ - row)];
  if (++wave_ < rows_ + columns_ - 1) return;
  wave_ = -1;
  ++passed_;
}

// From the last row to the first, so that every PE still sees its neighbours' registers.
void SystemArray::multiply_and_add() {
  for (int row = rows_ - 1; row >= 0; --row) {
    std::int16_t* activation = activation_.data() + at(row, 0);
    std::copy_backward(activation, activation + columns_ - 1, activation + columns_);
    // Row r sees a vector r steps late.
    activation[0] = skew_[(step_ + skew_.size() - row) % skew_.size()][row];
    const std::int16_t* weight = weight_.data() + at(row, 0);
    std::int32_t* sum = partial_sum_.data() + at(row, 0);
    const std::int32_t* above = row == 0 ? nullptr : sum - columns_;
    for (int column = 0; column < columns_; ++column) {
      const std::int32_t product = weight[column] * activation[column];
      const auto before = static_cast<std::uint32_t>(above ? above[column] : offset_);
      const std::uint32_t bits = before + static_cast<std::uint32_t>(product);
      sum[column] = static_cast<std::int32_t>(bits << unused_bits_) >> unused_bits_;
    }
  }
}

// Column c waits C − 1 − c steps for the last one; the oldest tag is that of the vector that
// leaves.
void SystemArray::leave() {
  const std::int32_t* bottom = partial_sum_.data() + at(rows_ - 1, 0);
  std::copy(bottom, bottom + columns_, deskew_[step_ % deskew_.size()].begin());
  const Tag tag = tags_[(step_ + 1) % tags_.size()];
  if (tag.tile < 0) return;
  for (int column = 0; column < columns_; ++column)
    sums_[column] = deskew_[(step_ + 1 + column) % deskew_.size()][column];
  ofmap_.accumulate(tag.tile, tag.vector, sums_.data());
  if (tag.vector == last_vector_) ++drained_;
}

}  // namespace togglewise::systemc
