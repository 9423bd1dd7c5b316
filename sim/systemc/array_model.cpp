#include "sim/systemc/array_model.h"

#include <algorithm>
#include <string>

namespace togglewise::systemc {

ArrayModelState::ArrayModelState(const array::ArrayShape& array_shape,
                                 bool with_double_buffered_weights)
    : shape(array_shape), double_buffered(with_double_buffered_weights) {
  const std::size_t count = static_cast<std::size_t>(shape.rows) * shape.columns;
  for (std::vector<std::int32_t>& buffer : partial_sum) buffer.assign(count, 0);
  weight.assign(count, 0);
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
std::int16_t ArrayModelRow::incoming_activation(std::int64_t now) const {
  for (auto scheduled = state_.tiles.rbegin(); scheduled != state_.tiles.rend(); ++scheduled) {
    const std::int64_t m = now - scheduled->schedule.stream_begin - row_;
    if (m < 0) continue;  // the row still sees an earlier tile
    if (m >= scheduled->stream_length) return 0;
    const array::TileOperands& tile = *scheduled->tile;
    const int row = row_ - tile.first_row;
    if (row < 0 || row >= tile.used_rows) return 0;
    return tile.activations[static_cast<std::size_t>(m) * tile.used_rows + row];
  }
  return 0;
}

void ArrayModelRow::take_weight(const array::TileOperands& tile, int column) {
  const int row = row_ - tile.first_row;
  const bool used = row >= 0 && row < tile.used_rows && column < tile.used_columns;
  const std::int8_t weight =
      used ? tile.weights[static_cast<std::size_t>(row) * tile.used_columns + column]
           : std::int8_t{0};
  weight_[column] = weight;
  state_.weight[static_cast<std::size_t>(row_) * state_.shape.columns + column] = weight;
}

// Weights that are used from the next cycle on. Single buffer: all at the end of the load. Double
// buffer: PE (r,c) uses the tile's weight from stream cycle r + c on, where its first vector is.
void ArrayModelRow::take_weights(std::int64_t now) {
  const int columns = state_.shape.columns;
  for (const ArrayModelState::ScheduledTile& scheduled : state_.tiles) {
    const std::int64_t stream_cycle = now + 1 - scheduled.schedule.stream_begin;
    if (!state_.double_buffered) {
      if (stream_cycle != 0) continue;
      for (int c = 0; c < columns; ++c) take_weight(*scheduled.tile, c);
    } else if (stream_cycle >= row_ && stream_cycle - row_ < columns) {
      take_weight(*scheduled.tile, static_cast<int>(stream_cycle) - row_);
    }
  }
}

void ArrayModelRow::step() {
  const std::int64_t now = cycle.read();
  const int columns = state_.shape.columns;
  const int unused_bits = 32 - state_.shape.partial_sum_bits;
  const std::int32_t offset = state_.partial_sum_offset;
  activation_[0] = incoming_activation(now);

  std::int32_t* sums = state_.partial_sums(1 - parity_, row_);
  const std::int32_t* above = row_ > 0 ? state_.partial_sums(parity_, row_ - 1) : nullptr;
  const std::int16_t* weight = weight_.data();
  const std::int16_t* activation = activation_.data();
  for (int c = 0; c < columns; ++c) {
    const std::int32_t product = weight[c] * activation[c];
    const auto before = static_cast<std::uint32_t>(above ? above[c] : offset);
    const std::uint32_t sum = before + static_cast<std::uint32_t>(product);
    sums[c] = static_cast<std::int32_t>(sum << unused_bits) >> unused_bits;
  }

  std::copy_backward(activation_.begin(), activation_.end() - 1, activation_.end());
  take_weights(now);
  parity_ = 1 - parity_;
}

ArrayModel::ArrayModel(const sc_core::sc_module_name& name, const array::ArrayShape& shape,
                       bool double_buffered)
    : sc_module(name),
      state_(shape, double_buffered),
      bottom_history_(shape.columns, std::vector<std::int32_t>(shape.columns, 0)),
      outputs_(shape.columns, 0) {
  for (int r = 0; r < shape.rows; ++r) {
    const std::string row_name = "row_" + std::to_string(r);
    rows_.push_back(std::make_unique<ArrayModelRow>(row_name.c_str(), state_, r));
    rows_.back()->clock(clock);
    rows_.back()->cycle(cycle_);
  }
  SC_HAS_PROCESS(ArrayModel);
  SC_METHOD(count_cycles);
  sensitive << clock.pos();
  dont_initialize();
  SC_METHOD(deskew);
  sensitive << clock.pos();
  dont_initialize();
}

TileSchedule ArrayModel::start(const array::TileOperands& tile) {
  const std::int64_t rows = state_.shape.rows;
  const std::int64_t columns = state_.shape.columns;
  TileSchedule schedule;
  schedule.load_begin = now();
  std::int64_t stream_free = 0;
  if (!state_.tiles.empty()) {
    const ArrayModelState::ScheduledTile& before = state_.tiles.back();
    // The shadow registers are free when the swap wave has passed the last PE.
    const std::int64_t load_free = state_.double_buffered
                                       ? before.schedule.stream_begin + rows + columns - 1
                                       : before.schedule.end;
    schedule.load_begin = std::max(schedule.load_begin, load_free);
    stream_free = before.schedule.stream_begin + before.stream_length;
  }
  schedule.stream_begin = std::max(schedule.load_begin + rows, stream_free);
  schedule.end = schedule.stream_begin + tile.stream_length + rows + columns - 2;
  while (!state_.tiles.empty() && state_.tiles.front().schedule.end <= now()) {
    state_.tiles.pop_front();
  }
  state_.tiles.push_back({&tile, tile.stream_length, schedule});
  return schedule;
}

void ArrayModel::count_cycles() {
  parity_ = 1 - parity_;
  cycle_.write(cycle_.read() + 1);
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
