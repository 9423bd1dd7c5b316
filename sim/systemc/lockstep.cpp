#include "sim/systemc/lockstep.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include <systemc>

#include "sim/base/error.h"
#include "sim/systemc/array_model.h"
#include "sim/systemc/toggle_recorder.h"

namespace togglewise::systemc {
namespace {

using array::ArrayShape;
using array::TileOperands;

constexpr double period_ns = 10;
constexpr int flush_cycles = 2;  // one empties the data path, one more shows that it stays so

std::uint64_t tile_cycles(const ArrayShape& shape, int stream_length) {
  return static_cast<std::uint64_t>(2 * shape.rows + shape.columns - 2) +
         static_cast<std::uint64_t>(stream_length);
}

const char* harness_name = "togglewise_lockstep";

void require_free_kernel() {
  const sc_core::sc_status status = sc_core::sc_get_status();
  if (status == sc_core::SC_ELABORATION && !sc_core::sc_find_object(harness_name)) return;
  throw Error::run("TW-RTL-002", "a second lockstep run was begun in this process")
      .expected("one per process: SystemC has one kernel and cannot add modules once it has run")
      .hint("start another process, or use the first one's Lockstep for all tiles");
}

void require_fitting(const ArrayShape& shape, const TileOperands& tile) {
  const auto used_rows = static_cast<std::size_t>(std::max(tile.used_rows, 0));
  const auto used_columns = static_cast<std::size_t>(std::max(tile.used_columns, 0));
  const auto length = static_cast<std::size_t>(std::max(tile.stream_length, 0));
  if (tile.used_rows >= 1 && tile.used_rows <= shape.rows && tile.used_columns >= 1 &&
      tile.used_columns <= shape.columns && tile.stream_length >= 1 &&
      tile.weights.size() == used_rows * used_columns &&
      tile.activations.size() == length * used_rows)
    return;
  throw Error::run("TW-RTL-003", "a tile of " + std::to_string(tile.used_rows) + "x" +
                                     std::to_string(tile.used_columns) + " weights (" +
                                     std::to_string(tile.weights.size()) + " given) and " +
                                     std::to_string(tile.stream_length) + " activation vectors (" +
                                     std::to_string(tile.activations.size()) +
                                     " values given) does not fit the array")
      .expected("1 to " + std::to_string(shape.rows) + " rows, 1 to " +
                std::to_string(shape.columns) +
                " columns, at least one vector, and as many "
                "values as these say");
}

}  // namespace

// The RTL takes its clock edge when the model does; half a period later both are compared.
class Lockstep::Harness : public sc_core::sc_module {
 public:
  Harness(const sc_core::sc_module_name& name, const ArrayShape& shape,
          std::unique_ptr<VerilatedArray> rtl);

  TileRecord run(const TileOperands& rtl_operands, const TileOperands& model_operands);
  LockstepStatistics finish();

 private:
  void drive_rtl();
  void compare();
  void note(int row, int column, std::int32_t rtl, std::int32_t model);
  void compare_partial_sums(const ArrayRegisters& registers);
  void compare_outputs(const ArrayOutput& output);
  void read_operands(const ArrayRegisters& registers);
  void advance(std::uint64_t cycles);
  void clear_weights();

  ArrayShape shape_;
  WordWidths widths_;
  std::unique_ptr<VerilatedArray> rtl_;
  sc_core::sc_clock clock_;
  ArrayModel model_;
  ToggleRecorder recorder_;
  LockstepStatistics statistics_;
  std::uint64_t edges_ = 0;  // of the sequence

  // The tile at hand, and what the controller asked for in the cycle at hand.
  const TileOperands* tile_ = nullptr;
  TileRecord record_;
  ControllerRequest request_;
  std::int64_t cycle_ = -1;       // of the tile; −1 while flushing
  std::int64_t done_cycle_ = -1;  // when the controller said so
  int held_rows_ = 0;             // size of the tile whose data the PEs hold
  int held_columns_ = 0;
  bool sequence_over_ = false;
  std::vector<std::int8_t> weights_in_;
  std::vector<std::int8_t> activations_in_;
};

Lockstep::Harness::Harness(const sc_core::sc_module_name& name, const ArrayShape& shape,
                           std::unique_ptr<VerilatedArray> rtl)
    : sc_module(name),
      shape_(shape),
      widths_{rtl->partial_sum_bits(), shape.partial_sum_bits},
      rtl_(std::move(rtl)),
      // Low at first, both edges inside the period: none coincides with the end of a run.
      clock_("clock", period_ns, sc_core::SC_NS, 0.5, period_ns / 4, sc_core::SC_NS, true),
      model_("array_model", shape),
      recorder_(shape, rtl_->partial_sum_bits()),
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
  request_ =
      rtl_->settle(cycle_ == 0, tile_ ? static_cast<std::uint32_t>(tile_->stream_length) : 0);
  std::fill(weights_in_.begin(), weights_in_.end(), std::int8_t{0});
  std::fill(activations_in_.begin(), activations_in_.end(), std::int8_t{0});
  if (tile_ && request_.weight_shift && request_.weight_row < tile_->used_rows) {
    const auto row = static_cast<std::size_t>(request_.weight_row);
    std::copy_n(tile_->weights.begin() + row * tile_->used_columns, tile_->used_columns,
                weights_in_.begin());
  }
  if (tile_ && request_.activation_valid) {
    const std::size_t vector = request_.activation_index;
    std::copy_n(tile_->activations.begin() + vector * tile_->used_rows, tile_->used_rows,
                activations_in_.begin());
  }
  rtl_->clock_edge(weights_in_.data(), activations_in_.data());
}

void Lockstep::Harness::compare() {
  const ArrayRegisters registers = rtl_->registers();
  // The clock edge that ends a tile's first cycle still clears the last PE of the tile before.
  recorder_.record(registers, held_rows_, held_columns_);
  compare_partial_sums(registers);
  compare_outputs(rtl_->output());
  if (cycle_ >= 0) {
    held_rows_ = tile_->used_rows;
    held_columns_ = tile_->used_columns;
    read_operands(registers);
    if (request_.busy) ++record_.cycles;
    if (request_.done && done_cycle_ < 0) done_cycle_ = cycle_;
    ++cycle_;
  }
  ++edges_;
}

void Lockstep::Harness::note(int row, int column, std::int32_t rtl, std::int32_t model) {
  if (!statistics_.first_mismatch)
    statistics_.first_mismatch = LockstepMismatch{edges_, row, column, rtl, model};
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
      if (rtl != model) note(r, c, rtl, model);
    }
  }
}

void Lockstep::Harness::compare_outputs(const ArrayOutput& output) {
  const int unused_bits = 32 - widths_.counted_bits;
  const std::vector<std::int32_t>& expected = model_.outputs();
  const bool keep = tile_ && output.valid && cycle_ >= 0 &&
                    output.index < static_cast<std::uint32_t>(tile_->stream_length);
  for (int c = 0; c < shape_.columns; ++c) {
    const auto bits = static_cast<std::uint32_t>(output.partial_sums[c]);
    const auto rtl = static_cast<std::int32_t>(bits << unused_bits) >> unused_bits;
    if (rtl != expected[c]) {
      ++statistics_.mismatches;
      note(shape_.rows, c, rtl, expected[c]);
    }
    if (keep && c < tile_->used_columns)
      record_.partial_sums[std::size_t{output.index} * tile_->used_columns + c] = rtl;
  }
  statistics_.output_comparisons += static_cast<std::uint64_t>(shape_.columns);
}

// Weights stand in the weight registers after the load; activation m stands in the register of
// PE (r,0) after stream cycle m + r.
void Lockstep::Harness::read_operands(const ArrayRegisters& registers) {
  TileOperands& seen = record_.seen;
  if (request_.weight_update) {
    for (int r = 0; r < seen.used_rows; ++r)
      for (int c = 0; c < seen.used_columns; ++c)
        seen.weights[r * seen.used_columns + c] =
            static_cast<std::int8_t>(registers.weight.row(r)[c]);
  }
  const std::int64_t stream_cycle = cycle_ - shape_.rows;
  const int last_row = static_cast<int>(std::min<std::int64_t>(stream_cycle, seen.used_rows - 1));
  const std::int64_t length = seen.stream_length;
  const int first_row = static_cast<int>(std::max<std::int64_t>(stream_cycle - length + 1, 0));
  for (int r = first_row; r <= last_row; ++r) {
    seen.activations[static_cast<std::size_t>(stream_cycle - r) * seen.used_rows + r] =
        static_cast<std::int8_t>(registers.activation.row(r)[0]);
  }
}

void Lockstep::Harness::advance(std::uint64_t cycles) {
  sc_core::sc_start(period_ns * static_cast<double>(cycles), sc_core::SC_NS);
}

TileRecord Lockstep::Harness::run(const TileOperands& rtl_operands,
                                  const TileOperands& model_operands) {
  require_fitting(shape_, rtl_operands);
  require_fitting(shape_, model_operands);
  if (sequence_over_) clear_weights();
  tile_ = &rtl_operands;
  record_ = {};
  record_.seen = rtl_operands;
  std::fill(record_.seen.weights.begin(), record_.seen.weights.end(), std::int8_t{0});
  std::fill(record_.seen.activations.begin(), record_.seen.activations.end(), std::int8_t{0});
  record_.partial_sums.assign(
      static_cast<std::size_t>(rtl_operands.stream_length) * rtl_operands.used_columns, 0);
  cycle_ = 0;
  done_cycle_ = -1;

  const std::uint64_t expected_cycles = tile_cycles(shape_, rtl_operands.stream_length);
  model_.start(model_operands);
  advance(expected_cycles);
  cycle_ = -1;
  if (done_cycle_ + 1 != static_cast<std::int64_t>(expected_cycles) || model_.busy()) {
    ++statistics_.mismatches;
    note(-1, -1, done_cycle_ < 0 ? -1 : static_cast<std::int32_t>(done_cycle_ + 1),
         static_cast<std::int32_t>(expected_cycles));
  }
  statistics_.cycles += record_.cycles;
  tile_ = nullptr;
  return std::move(record_);
}

LockstepStatistics Lockstep::Harness::finish() {
  advance(flush_cycles);
  statistics_.toggles = recorder_.counts();
  recorder_.clear();
  edges_ = 0;
  sequence_over_ = true;
  return std::exchange(statistics_, {});
}

// The data path is zero after a flush; weights become so by loading zeros, which nobody counts.
void Lockstep::Harness::clear_weights() {
  sequence_over_ = false;
  run({1, 1, 1, {0}, {0}}, {1, 1, 1, {0}, {0}});
  finish();
  sequence_over_ = false;
}

Lockstep::Lockstep(const ArrayShape& shape, RtlStyle style) {
  std::unique_ptr<VerilatedArray> rtl = make_verilated_array(shape, style);
  require_free_kernel();
  harness_ = std::make_unique<Harness>(harness_name, shape, std::move(rtl));
}

Lockstep::~Lockstep() = default;

TileRecord Lockstep::run(const TileOperands& rtl_operands, const TileOperands& model_operands) {
  return harness_->run(rtl_operands, model_operands);
}

LockstepStatistics Lockstep::finish() { return harness_->finish(); }

}  // namespace togglewise::systemc
