// The module in which the Verilated array and the SystemC model share a clock.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <systemc>

#include "sim/array/tile.h"
#include "sim/systemc/array_model.h"
#include "sim/systemc/gated_array.h"
#include "sim/systemc/lockstep.h"
#include "sim/systemc/toggle_recorder.h"

namespace togglewise::systemc {

// The RTL takes its clock edge when the model does; half a period later both are compared.
class Lockstep::Harness : public sc_core::sc_module {
 public:
  Harness(const sc_core::sc_module_name& name, const array::ArrayShape& shape, bool double_buffered,
          std::unique_ptr<VerilatedArray> rtl, GatedArray* gated = nullptr);

  // Throws TW-RTL-005 when the sequence at hand has another partial-sum offset.
  void require_offset(std::int32_t offset) const;
  std::vector<TileRecord> push(array::TileOperands rtl_operands, array::TileOperands model_operands,
                               std::vector<std::int32_t>* accumulators = nullptr);
  std::vector<TileRecord> drain();
  LockstepStatistics finish();

  std::function<void(const LockstepCycle&)> observer;

 private:
  // A tile between push() and its last output. Cycles are counted as the model does, −1: not yet.
  struct Flight {
    array::TileOperands rtl_operands;
    array::TileOperands model_operands;
    std::vector<std::int32_t>* accumulators = nullptr;
    TileRecord record;
    TileSchedule expected;
    std::int64_t load_begin = -1;
    std::int64_t stream_begin = -1;
  };

  void drive_rtl();
  void compare();
  void compare_partial_sums(const ArrayRegisters& registers);
  void compare_weights(const ArrayRegisters& registers);
  void compare_outputs(const ArrayOutput& output);
  void accumulate(const Flight& leaving, const ArrayOutput& output);
  void compare_accumulators();
  void note(MismatchKind kind, int row, int column, std::int32_t rtl, std::int32_t model);
  void follow_controller(std::int64_t now);
  void read_weights(Flight& flight, const ArrayRegisters& registers, std::int64_t now);
  void read_activations(Flight& flight, const ArrayRegisters& registers, std::int64_t now);
  void complete_front(std::int64_t now);
  void advance_to(std::int64_t cycle);
  void come_to_rest(std::int32_t offset);
  std::vector<TileRecord> take_completed();

  array::ArrayShape shape_;
  bool double_buffered_;
  WordWidths widths_;
  std::unique_ptr<VerilatedArray> rtl_;
  GatedArray* gated_;  // the same, where it has gated clocks
  sc_core::sc_clock clock_;
  ArrayModel model_;
  ToggleRecorder recorder_;
  LockstepStatistics statistics_;
  std::uint64_t sequence_edges_ = 0;
  bool in_sequence_ = false;
  bool at_rest_ = true;  // as a sequence begins: weights zero, partial sums at offset_
  std::int32_t offset_ = 0;

  std::deque<std::unique_ptr<Flight>> flights_;  // oldest first; the model keeps their addresses
  Flight* streaming_ = nullptr;                  // whose activations the controller asks for
  std::vector<TileRecord> completed_;
  // Accumulators: what they take at the next clock edge, what they must hold after it, and where
  // that belongs.
  std::vector<std::int32_t> addends_;
  std::vector<std::uint8_t> subtract_;
  std::vector<std::int32_t> expected_sums_;
  bool sums_expected_ = false;
  std::int32_t* sums_destination_ = nullptr;
  int sums_used_columns_ = 0;
  ControllerRequest request_;  // of the cycle at hand
  PeOwners owners_;
  std::vector<std::int8_t> weights_in_;
  std::vector<std::int8_t> activations_in_;
};

}  // namespace togglewise::systemc
