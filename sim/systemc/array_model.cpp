#include "sim/systemc/array_model.h"

#include <algorithm>
#include <string>

namespace togglewise::systemc {

ArrayModelState::ArrayModelState(const array::ArrayShape& array_shape) : shape(array_shape) {
  const std::size_t count = static_cast<std::size_t>(shape.rows) * shape.columns;
  for (std::vector<std::int32_t>& buffer : partial_sum) buffer.assign(count, 0);
}

ArrayModelRow::ArrayModelRow(const sc_core::sc_module_name& name, ArrayModelState& state, int row)
    : sc_module(name),
      state_(state),
      row_(row),
      weight_(state.shape.columns, 0),
      activation_(state.shape.columns, 0) {
  SC_HAS_PROCESS(ArrayModelRow);
  SC_METHOD(step);
  sensitive << clock.pos();
  dont_initialize();
}

// PE (r,0) uses activation m in stream cycle m + r.
std::int16_t ArrayModelRow::incoming_activation(std::int64_t tile_cycle) const {
  if (tile_cycle < 0 || row_ >= state_.tile->used_rows) return 0;
  const std::int64_t m = tile_cycle - state_.shape.rows - row_;
  if (m < 0 || m >= state_.tile->stream_length) return 0;
  return state_.tile->activations[static_cast<std::size_t>(m) * state_.tile->used_rows + row_];
}

void ArrayModelRow::take_weights() {
  std::fill(weight_.begin(), weight_.end(), std::int16_t{0});
  const array::TileOperands& tile = *state_.tile;
  if (row_ >= tile.used_rows) return;
  const std::int8_t* weights =
      tile.weights.data() + static_cast<std::size_t>(row_) * tile.used_columns;
  std::copy(weights, weights + tile.used_columns, weight_.begin());
}

void ArrayModelRow::step() {
  const std::int64_t tile_cycle = cycle.read();
  const int columns = state_.shape.columns;
  const int unused_bits = 32 - state_.shape.partial_sum_bits;
  activation_[0] = incoming_activation(tile_cycle);

  std::int32_t* sums = state_.partial_sums(1 - parity_, row_);
  const std::int32_t* above = row_ > 0 ? state_.partial_sums(parity_, row_ - 1) : nullptr;
  const std::int16_t* weight = weight_.data();
  const std::int16_t* activation = activation_.data();
  for (int c = 0; c < columns; ++c) {
    const std::int32_t product = weight[c] * activation[c];
    const auto sum = static_cast<std::uint32_t>((above ? above[c] : 0) + product);
    sums[c] = static_cast<std::int32_t>(sum << unused_bits) >> unused_bits;
  }

  std::copy_backward(activation_.begin(), activation_.end() - 1, activation_.end());
  if (tile_cycle == state_.shape.rows - 1) take_weights();
  parity_ = 1 - parity_;
}

ArrayModel::ArrayModel(const sc_core::sc_module_name& name, const array::ArrayShape& shape)
    : sc_module(name),
      state_(shape),
      bottom_history_(shape.columns, std::vector<std::int32_t>(shape.columns, 0)),
      outputs_(shape.columns, 0) {
  for (int r = 0; r < shape.rows; ++r) {
    const std::string row_name = "row_" + std::to_string(r);
    rows_.push_back(std::make_unique<ArrayModelRow>(row_name.c_str(), state_, r));
    rows_.back()->clock(clock);
    rows_.back()->cycle(cycle_);
  }
  SC_HAS_PROCESS(ArrayModel);
  SC_METHOD(sequence);
  sensitive << clock.pos() << tile_given_;
  dont_initialize();
  SC_METHOD(deskew);
  sensitive << clock.pos();
  dont_initialize();
}

void ArrayModel::start(const array::TileOperands& tile) {
  state_.tile = &tile;
  tile_given_.notify(sc_core::SC_ZERO_TIME);
}

// Publishes the tile's cycle that ends with the next clock edge.
void ArrayModel::sequence() {
  if (!clock.posedge()) {
    cycle_.write(0);
    return;
  }
  parity_ = 1 - parity_;
  if (!busy()) return;
  const std::int64_t tile_cycles =
      2 * state_.shape.rows + state_.shape.columns + std::int64_t{state_.tile->stream_length} - 2;
  const std::int64_t next = cycle_.read() + 1;
  cycle_.write(next < tile_cycles ? next : -1);
}

// Keeps what the bottom row held before this clock edge, whichever process runs first.
void ArrayModel::deskew() {
  const std::size_t columns = bottom_history_.size();
  const std::int32_t* bottom =
      state_.partial_sums(static_cast<int>(edges_ % 2), state_.shape.rows - 1);
  std::copy(bottom, bottom + columns, bottom_history_[edges_ % columns].begin());
  ++edges_;
}

// Column c leaves columns−1−c cycles after its bottom PE wrote it.
const std::vector<std::int32_t>& ArrayModel::outputs() {
  const std::size_t columns = bottom_history_.size();
  for (std::size_t c = 0; c + 1 < columns; ++c) {
    const std::size_t delay = columns - 1 - c;
    outputs_[c] = delay > edges_ ? 0 : bottom_history_[(edges_ - delay) % columns][c];
  }
  outputs_[columns - 1] = state_.partial_sums(parity_, state_.shape.rows - 1)[columns - 1];
  return outputs_;
}

}  // namespace togglewise::systemc

// libsystemc carries a main that calls this; Togglewise starts the kernel from its own main.
int sc_main(int, char*[]) { return 1; }
