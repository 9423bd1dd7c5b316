#include "sim/systemc/lockstep_harness.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "sim/base/error.h"

namespace togglewise::systemc {
namespace {

using array::ArrayShape;
using array::TileOperands;

constexpr double period_ns = 10;
constexpr int flush_cycles = 2;  // one empties the data path, one more shows that it stays so

// What a register of so many bits holds.
std::int32_t wrapped(std::uint32_t value, int bits) {
  const int unused_bits = 32 - bits;
  return static_cast<std::int32_t>(value << unused_bits) >> unused_bits;
}

}  // namespace

Lockstep::Harness::Harness(const sc_core::sc_module_name& name, const ArrayShape& shape,
                           bool double_buffered, std::unique_ptr<VerilatedArray> rtl,
                           GatedArray* gated)
    : sc_module(name),
      shape_(shape),
      double_buffered_(double_buffered),
      widths_{rtl->partial_sum_bits(), shape.partial_sum_bits},
      rtl_(std::move(rtl)),
      gated_(gated),
      // Low at first, both edges inside the period: none coincides with the end of a run.
      clock_("clock", period_ns, sc_core::SC_NS, 0.5, period_ns / 4, sc_core::SC_NS, true),
      model_("array_model", shape, double_buffered),
      recorder_(shape, rtl_->partial_sum_bits(), double_buffered),
      addends_(shape.columns),
      subtract_(shape.columns),
      expected_sums_(shape.columns),
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
  if (gated_ && start) {
    const TileOperands& tile = newest->rtl_operands;
    gated_->set_used_area(tile.first_row, tile.used_rows, tile.used_columns);
  }
  request_ = rtl_->settle(
      start, newest ? static_cast<std::uint32_t>(newest->rtl_operands.stream_length) : 0);
  std::fill(weights_in_.begin(), weights_in_.end(), std::int8_t{0});
  std::fill(activations_in_.begin(), activations_in_.end(), std::int8_t{0});
  if (newest && request_.weight_shift) {
    const TileOperands& tile = newest->rtl_operands;
    const int row = request_.weight_row - tile.first_row;
    if (row >= 0 && row < tile.used_rows) {
      std::copy_n(tile.weights.begin() + std::ptrdiff_t{row} * tile.used_columns, tile.used_columns,
                  weights_in_.begin());
    }
  }
  const std::int64_t vector = request_.activation_index;
  if (streaming_ && request_.activation_valid && vector < streaming_->rtl_operands.stream_length) {
    const TileOperands& tile = streaming_->rtl_operands;
    std::copy_n(tile.activations.begin() + vector * tile.used_rows, tile.used_rows,
                activations_in_.begin() + tile.first_row);
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
  compare_accumulators();
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
  const std::vector<std::int32_t>& expected = model_.outputs();
  // The oldest tile is the one that leaves.
  Flight* leaving = output.valid && !flights_.empty() ? flights_.front().get() : nullptr;
  if (leaving && output.index >= static_cast<std::uint32_t>(leaving->rtl_operands.stream_length)) {
    leaving = nullptr;
  }
  for (int c = 0; c < shape_.columns; ++c) {
    const std::int32_t rtl =
        wrapped(static_cast<std::uint32_t>(output.partial_sums[c]), widths_.counted_bits);
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
  if (leaving) accumulate(*leaving, output);
}

// Gives the accumulators what they add the sums at the outputs to. Where the hardware's partial
// sums are narrower than the build's and have wrapped around, that makes up for what they lost.
void Lockstep::Harness::accumulate(const Flight& leaving, const ArrayOutput& output) {
  const TileOperands& tile = leaving.rtl_operands;
  const auto used = static_cast<std::size_t>(tile.used_columns);
  std::fill(subtract_.begin(), subtract_.end(), std::uint8_t{0});
  std::copy(tile.negated.begin(), tile.negated.end(), subtract_.begin());
  std::fill(addends_.begin(), addends_.end(), 0);
  sums_destination_ = nullptr;
  if (leaving.accumulators) {
    sums_destination_ = leaving.accumulators->data() + std::size_t{output.index} * used;
    std::copy_n(sums_destination_, used, addends_.begin());
  }
  sums_used_columns_ = tile.used_columns;
  const std::int32_t* sums = model_.outputs().data();
  for (std::size_t c = 0; c < addends_.size(); ++c) {
    const auto addend = static_cast<std::uint32_t>(addends_[c]);
    const auto built = static_cast<std::uint32_t>(output.partial_sums[c]);
    const auto held = static_cast<std::uint32_t>(wrapped(built, widths_.counted_bits));
    const std::uint32_t flip = subtract_[c] != 0 ? ~0U : 0U;  // (x ^ flip) − flip is ±x
    addends_[c] = static_cast<std::int32_t>(addend + ((held - built) ^ flip) - flip);
    expected_sums_[c] =
        static_cast<std::int32_t>(addend + (static_cast<std::uint32_t>(sums[c]) ^ flip) - flip);
  }
  rtl_->set_accumulators(addends_.data(), subtract_.data());
  sums_expected_ = true;
}

// The accumulators hold what stood at the outputs one cycle ago; with gated clocks, those of
// columns that the tile does not use hold something older.
void Lockstep::Harness::compare_accumulators() {
  if (!sums_expected_) return;
  sums_expected_ = false;
  const std::int32_t* rtl = rtl_->accumulator_sums();
  const int columns = gated_ ? sums_used_columns_ : shape_.columns;
  for (int c = 0; c < columns; ++c) {
    const std::int32_t expected = expected_sums_[static_cast<std::size_t>(c)];
    if (rtl[c] == expected) continue;
    ++statistics_.mismatches;
    note(MismatchKind::accumulator, shape_.rows, c, rtl[c], expected);
  }
  statistics_.accumulator_comparisons += static_cast<std::uint64_t>(columns);
  if (sums_destination_) std::copy_n(rtl, sums_used_columns_, sums_destination_);
}

// Which tile the controller works for, and whose the toggles of the next clock edges are: with
// single-buffered weights a tile's from its second load cycle on (the edge before clears the last
// PE of the tile before), with double-buffered weights from its first vector on, PE by PE.
void Lockstep::Harness::follow_controller(std::int64_t now) {
  if (flights_.empty()) return;
  Flight& newest = *flights_.back();
  const TileSize size{newest.rtl_operands.used_rows, newest.rtl_operands.used_columns,
                      newest.rtl_operands.first_row};
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
  if (flight.stream_begin < 0 ||
      stream_cycle > seen.first_row + seen.used_rows + seen.used_columns - 2)
    return;
  const int wave = static_cast<int>(stream_cycle);
  for (int r = 0; r < seen.used_rows; ++r) {
    const int row = seen.first_row + r;
    const int c = wave - row;
    if (c < 0 || c >= seen.used_columns) continue;
    seen.weights[static_cast<std::size_t>(r) * static_cast<std::size_t>(seen.used_columns) +
                 static_cast<std::size_t>(c)] =
        static_cast<std::int8_t>(registers.weight.row(row)[c]);
  }
}

// Activation m stands in the register of PE (r,0) after stream cycle m + r.
void Lockstep::Harness::read_activations(Flight& flight, const ArrayRegisters& registers,
                                         std::int64_t now) {
  TileOperands& seen = flight.record.seen;
  const std::int64_t stream_cycle = now - flight.stream_begin;
  if (flight.stream_begin < 0 || stream_cycle < 0) return;
  const std::int64_t length = seen.stream_length;
  const int first =
      static_cast<int>(std::max<std::int64_t>(stream_cycle - length + 1, seen.first_row));
  const int last =
      static_cast<int>(std::min<std::int64_t>(stream_cycle, seen.first_row + seen.used_rows - 1));
  for (int row = first; row <= last; ++row) {
    seen.activations[static_cast<std::size_t>(stream_cycle - row) *
                         static_cast<std::size_t>(seen.used_rows) +
                     static_cast<std::size_t>(row - seen.first_row)] =
        registers.activation_value(row, 0);
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

void Lockstep::Harness::require_offset(std::int32_t offset) const {
  if (!in_sequence_ || offset == offset_) return;
  throw Error::run("TW-RTL-005", "a tile with a partial-sum offset of " + std::to_string(offset) +
                                     " in a sequence with " + std::to_string(offset_))
      .expected("the same offset in all tiles of a sequence")
      .hint("finish() ends a sequence");
}

std::vector<TileRecord> Lockstep::Harness::push(TileOperands rtl_operands,
                                                TileOperands model_operands,
                                                std::vector<std::int32_t>* accumulators) {
  const std::int32_t offset = rtl_operands.partial_sum_offset;
  if (!in_sequence_ && (!at_rest_ || offset != offset_)) come_to_rest(offset);
  in_sequence_ = true;
  at_rest_ = false;
  auto flight = std::make_unique<Flight>();
  flight->accumulators = accumulators;
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
  if (!flights_.empty()) {
    const bool accumulates = flights_.back()->accumulators != nullptr;
    advance_to(flights_.back()->expected.end + (accumulates ? 1 : 0));
  }
  while (!flights_.empty()) complete_front(-1);
  return take_completed();
}

LockstepStatistics Lockstep::Harness::finish() {
  drain();
  advance_to(model_.now() + flush_cycles);
  statistics_.toggles = recorder_.counts();
  recorder_.clear();
  if (gated_) {
    statistics_.clocks = gated_->clock_counts();
    gated_->begin_counting();
  }
  owners_ = {};
  sequence_edges_ = 0;
  in_sequence_ = false;
  return std::exchange(statistics_, {});
}

// A tile of zeros, that nobody compares or counts, clears the weights; it takes 2R + C − 1 cycles,
// in which the offset gets from the top to the last deskew register.
void Lockstep::Harness::come_to_rest(std::int32_t offset) {
  const std::function<void(const LockstepCycle&)> held_observer = std::exchange(observer, {});
  offset_ = offset;
  rtl_->set_partial_sum_offset(offset);
  model_.set_partial_sum_offset(offset);
  TileOperands zero;
  zero.used_rows = zero.used_columns = zero.stream_length = 1;
  zero.partial_sum_offset = offset;
  zero.weights = zero.activations = {0};
  at_rest_ = true;  // for the tile of zeros
  push(zero, zero);
  finish();
  observer = held_observer;
}

}  // namespace togglewise::systemc
