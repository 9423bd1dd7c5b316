#include "sim/systemc/lockstep_harness.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace togglewise::systemc {
namespace {

using array::ArrayShape;
using array::TileOperands;

constexpr double period_ns = 10;
constexpr int flush_cycles = 2;  // one empties the data path, one more shows that it stays so

}  // namespace

Lockstep::Harness::Harness(const sc_core::sc_module_name& name, const ArrayShape& shape,
                           bool double_buffered, std::unique_ptr<VerilatedArray> rtl)
    : sc_module(name),
      shape_(shape),
      double_buffered_(double_buffered),
      widths_{rtl->partial_sum_bits(), shape.partial_sum_bits},
      rtl_(std::move(rtl)),
      // Low at first, both edges inside the period: none coincides with the end of a run.
      clock_("clock", period_ns, sc_core::SC_NS, 0.5, period_ns / 4, sc_core::SC_NS, true),
      model_("array_model", shape, double_buffered),
      recorder_(shape, rtl_->partial_sum_bits(), double_buffered),
      weights_in_(shape.columns),
      activations_in_(shape.rows) {
  model_.clock(clock_);
  SC_HAS_PROCESS(Harness);
  SC_METHOD(drive_rtl);
  sensitive << clock_.posedge_event();
  dont_initialize();
  SC_METHOD(compare);
  sensitive << clock_.negedge_event();
  dont_initialize();
}

void Lockstep::Harness::drive_rtl() {
  Flight* newest = flights_.empty() ? nullptr : flights_.back().get();
  const bool start = newest && newest->load_begin < 0;
  request_ = rtl_->settle(
      start, newest ? static_cast<std::uint32_t>(newest->rtl_operands.stream_length) : 0);
  std::fill(weights_in_.begin(), weights_in_.end(), std::int8_t{0});
  std::fill(activations_in_.begin(), activations_in_.end(), std::int8_t{0});
  if (newest && request_.weight_shift && request_.weight_row < newest->rtl_operands.used_rows) {
    const TileOperands& tile = newest->rtl_operands;
    const auto row = static_cast<std::size_t>(request_.weight_row);
    std::copy_n(tile.weights.begin() + row * tile.used_columns, tile.used_columns,
                weights_in_.begin());
  }
  const std::int64_t vector = request_.activation_index;
  if (streaming_ && request_.activation_valid && vector < streaming_->rtl_operands.stream_length) {
    const TileOperands& tile = streaming_->rtl_operands;
    std::copy_n(tile.activations.begin() + vector * tile.used_rows, tile.used_rows,
                activations_in_.begin());
  }
  rtl_->clock_edge(weights_in_.data(), activations_in_.data());
}

void Lockstep::Harness::compare() {
  const std::int64_t now = model_.now() - 1;  // the clock edge that ended it has passed
  const ArrayRegisters registers = rtl_->registers();
  const ArrayOutput output = rtl_->output();
  owners_.wave = std::min(owners_.wave + 1, shape_.rows + shape_.columns);
  recorder_.record(registers, owners_);
  compare_partial_sums(registers);
  compare_weights(registers);
  compare_outputs(output);
  follow_controller(now);
  for (const std::unique_ptr<Flight>& flight : flights_) {
    read_weights(*flight, registers, now);
    read_activations(*flight, registers, now);
  }
  if (request_.busy) ++statistics_.cycles;
  if (request_.done && !flights_.empty()) complete_front(now);
  if (observer) observer({sequence_edges_, request_, registers, output});
  ++sequence_edges_;
}

void Lockstep::Harness::note(MismatchKind kind, int row, int column, std::int32_t rtl,
                             std::int32_t model) {
  if (!statistics_.first_mismatch) {
    statistics_.first_mismatch = LockstepMismatch{kind, sequence_edges_, row, column, rtl, model};
  }
}

void Lockstep::Harness::compare_partial_sums(const ArrayRegisters& registers) {
  const BlockSize block{shape_.rows, shape_.columns, 0};
  const std::uint64_t differing =
      count_word_differences(registers.partial_sum.data, registers.partial_sum.stride,
                             model_.partial_sums(), shape_.columns, block, widths_);
  statistics_.partial_sum_comparisons +=
      static_cast<std::uint64_t>(shape_.rows) * static_cast<std::uint64_t>(shape_.columns);
  statistics_.mismatches += differing;
  if (differing == 0 || statistics_.first_mismatch) return;
  const int unused_bits = 32 - std::min(widths_.built_bits, widths_.counted_bits);
  for (int r = 0; r < shape_.rows; ++r) {
    for (int c = 0; c < shape_.columns; ++c) {
      const std::uint32_t word = registers.partial_sum.row(r)[c];
      const auto rtl = static_cast<std::int32_t>(word << unused_bits) >> unused_bits;
      const std::int32_t model = model_.partial_sums()[r * shape_.columns + c];
      if (rtl != model) note(MismatchKind::partial_sum, r, c, rtl, model);
    }
  }
}

void Lockstep::Harness::compare_weights(const ArrayRegisters& registers) {
  const auto* expected = reinterpret_cast<const std::uint8_t*>(model_.weights());
  const auto mask = static_cast<std::uint8_t>((1u << shape_.weight_bits) - 1u);
  const std::uint64_t differing =
      count_byte_differences(registers.weight.data, registers.weight.stride, expected,
                             shape_.columns, {shape_.rows, shape_.columns, 0}, mask);
  statistics_.weight_comparisons +=
      static_cast<std::uint64_t>(shape_.rows) * static_cast<std::uint64_t>(shape_.columns);
  statistics_.mismatches += differing;
  if (differing == 0 || statistics_.first_mismatch) return;
  for (int r = 0; r < shape_.rows; ++r) {
    for (int c = 0; c < shape_.columns; ++c) {
      const auto rtl = static_cast<std::int8_t>(registers.weight.row(r)[c]);
      const std::int8_t model = model_.weights()[r * shape_.columns + c];
      if (rtl != model) note(MismatchKind::weight, r, c, rtl, model);
    }
  }
}

void Lockstep::Harness::compare_outputs(const ArrayOutput& output) {
  const int unused_bits = 32 - widths_.counted_bits;
  const std::vector<std::int32_t>& expected = model_.outputs();
  // The oldest tile is the one that leaves.
  Flight* leaving = output.valid && !flights_.empty() ? flights_.front().get() : nullptr;
  if (leaving && output.index >= static_cast<std::uint32_t>(leaving->rtl_operands.stream_length)) {
    leaving = nullptr;
  }
  for (int c = 0; c < shape_.columns; ++c) {
    const auto bits = static_cast<std::uint32_t>(output.partial_sums[c]);
    const auto rtl = static_cast<std::int32_t>(bits << unused_bits) >> unused_bits;
    if (rtl != expected[c]) {
      ++statistics_.mismatches;
      note(MismatchKind::output, shape_.rows, c, rtl, expected[c]);
    }
    if (leaving && c < leaving->rtl_operands.used_columns) {
      leaving->record
          .partial_sums[std::size_t{output.index} *
                            static_cast<std::size_t>(leaving->rtl_operands.used_columns) +
                        static_cast<std::size_t>(c)] = rtl;
    }
  }
  statistics_.output_comparisons += static_cast<std::uint64_t>(shape_.columns);
}

// Which tile the controller works for, and whose the toggles of the next clock edges are: with
// single-buffered weights a tile's from its second load cycle on (the edge before clears the last
// PE of the tile before), with double-buffered weights from its first vector on, PE by PE.
void Lockstep::Harness::follow_controller(std::int64_t now) {
  if (flights_.empty()) return;
  Flight& newest = *flights_.back();
  const TileSize size{newest.rtl_operands.used_rows, newest.rtl_operands.used_columns};
  if (request_.weight_shift && newest.load_begin < 0) {
    newest.load_begin = now;
    if (!double_buffered_) owners_ = {size, size, 0};
  }
  if (request_.weight_update) {
    newest.stream_begin = now + 1;
    streaming_ = &newest;
    if (double_buffered_) owners_ = {owners_.arriving, size, -1};
  }
}

// After the edge that ends cycle `now`, PE (r,c) holds the weight that it uses in cycle now + 1.
void Lockstep::Harness::read_weights(Flight& flight, const ArrayRegisters& registers,
                                     std::int64_t now) {
  TileOperands& seen = flight.record.seen;
  const std::int64_t stream_cycle = now + 1 - flight.stream_begin;
  if (flight.stream_begin < 0 || stream_cycle > seen.used_rows + seen.used_columns - 2) return;
  const int wave = static_cast<int>(stream_cycle);
  for (int r = 0; r < seen.used_rows; ++r) {
    const int c = wave - r;
    if (c < 0 || c >= seen.used_columns) continue;
    seen.weights[static_cast<std::size_t>(r) * static_cast<std::size_t>(seen.used_columns) +
                 static_cast<std::size_t>(c)] =
        static_cast<std::int8_t>(registers.weight.row(r)[c]);
  }
}

// Activation m stands in the register of PE (r,0) after stream cycle m + r.
void Lockstep::Harness::read_activations(Flight& flight, const ArrayRegisters& registers,
                                         std::int64_t now) {
  TileOperands& seen = flight.record.seen;
  const std::int64_t stream_cycle = now - flight.stream_begin;
  if (flight.stream_begin < 0 || stream_cycle < 0) return;
  const int last_row = static_cast<int>(std::min<std::int64_t>(stream_cycle, seen.used_rows - 1));
  const std::int64_t length = seen.stream_length;
  const int first_row = static_cast<int>(std::max<std::int64_t>(stream_cycle - length + 1, 0));
  for (int r = first_row; r <= last_row; ++r) {
    seen.activations[static_cast<std::size_t>(stream_cycle - r) *
                         static_cast<std::size_t>(seen.used_rows) +
                     static_cast<std::size_t>(r)] =
        static_cast<std::int8_t>(registers.activation.row(r)[0]);
  }
}

// The oldest tile is done in cycle `now`, or (−1) was not when it should have been.
void Lockstep::Harness::complete_front(std::int64_t now) {
  const std::unique_ptr<Flight> flight = std::move(flights_.front());
  flights_.pop_front();
  if (streaming_ == flight.get()) streaming_ = nullptr;
  const TileSchedule& expected = flight->expected;
  const std::int64_t cycles = now < 0 ? -1 : now + 1 - flight->load_begin;
  if (flight->load_begin != expected.load_begin || flight->stream_begin != expected.stream_begin ||
      now + 1 != expected.end) {
    ++statistics_.mismatches;
    note(MismatchKind::cycles, -1, -1, static_cast<std::int32_t>(cycles),
         static_cast<std::int32_t>(expected.cycles()));
  }
  flight->record.cycles = static_cast<std::uint64_t>(std::max<std::int64_t>(cycles, 0));
  completed_.push_back(std::move(flight->record));
}

void Lockstep::Harness::advance_to(std::int64_t cycle) {
  if (cycle <= model_.now()) return;
  sc_core::sc_start(period_ns * static_cast<double>(cycle - model_.now()), sc_core::SC_NS);
}

std::vector<TileRecord> Lockstep::Harness::take_completed() {
  return std::exchange(completed_, {});
}

std::vector<TileRecord> Lockstep::Harness::push(TileOperands rtl_operands,
                                                TileOperands model_operands) {
  if (sequence_over_) clear_weights();
  auto flight = std::make_unique<Flight>();
  flight->rtl_operands = std::move(rtl_operands);
  flight->model_operands = std::move(model_operands);
  const TileOperands& tile = flight->rtl_operands;
  TileOperands& seen = flight->record.seen;
  seen = tile;
  std::fill(seen.weights.begin(), seen.weights.end(), std::int8_t{0});
  std::fill(seen.activations.begin(), seen.activations.end(), std::int8_t{0});
  flight->record.partial_sums.assign(
      static_cast<std::size_t>(tile.stream_length) * static_cast<std::size_t>(tile.used_columns),
      0);
  flight->expected = model_.start(flight->model_operands);
  const std::int64_t stream_begin = flight->expected.stream_begin;
  flights_.push_back(std::move(flight));
  advance_to(stream_begin);
  return take_completed();
}

std::vector<TileRecord> Lockstep::Harness::drain() {
  if (!flights_.empty()) advance_to(flights_.back()->expected.end);
  while (!flights_.empty()) complete_front(-1);
  return take_completed();
}

LockstepStatistics Lockstep::Harness::finish() {
  drain();
  advance_to(model_.now() + flush_cycles);
  statistics_.toggles = recorder_.counts();
  recorder_.clear();
  owners_ = {};
  sequence_edges_ = 0;
  sequence_over_ = true;
  return std::exchange(statistics_, {});
}

// The data path is zero after a flush; weights become so by loading zeros, which nobody counts.
void Lockstep::Harness::clear_weights() {
  sequence_over_ = false;
  const std::function<void(const LockstepCycle&)> held_observer = std::exchange(observer, {});
  const TileOperands zero{1, 1, 1, {0}, {0}};
  push(zero, zero);
  finish();
  observer = held_observer;
  sequence_over_ = false;
}

}  // namespace togglewise::systemc
