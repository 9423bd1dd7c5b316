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
#include "sim/systemc/lockstep.h"
#include "sim/systemc/toggle_recorder.h"

namespace togglewise::systemc {

// The RTL takes its clock edge when the model does; half a period later both are compared.
class Lockstep::Harness : public sc_core::sc_module {
 public:
  Harness(const sc_core::sc_module_name& name, const array::ArrayShape& shape, bool double_buffered,
          std::unique_ptr<VerilatedArray> rtl);

  std::vector<TileRecord> push(array::TileOperands rtl_operands,
                               array::TileOperands model_operands);
  std::vector<TileRecord> drain();
  LockstepStatistics finish();

  std::function<void(const LockstepCycle&)> observer;

 private:
  // A tile between push() and its last output. Cycles are counted as the model does, −1: not yet.
  struct Flight {
    array::TileOperands rtl_operands;
    array::TileOperands model_operands;
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
  void note(MismatchKind kind, int row, int column, std::int32_t rtl, std::int32_t model);
  void follow_controller(std::int64_t now);
  void read_weights(Flight& flight, const ArrayRegisters& registers, std::int64_t now);
  void read_activations(Flight& flight, const ArrayRegisters& registers, std::int64_t now);
  void complete_front(std::int64_t now);
  void advance_to(std::int64_t cycle);
  void clear_weights();
  std::vector<TileRecord> take_completed();

  array::ArrayShape shape_;
  bool double_buffered_;
  WordWidths widths_;
  std::unique_ptr<VerilatedArray> rtl_;
  sc_core::sc_clock clock_;
  ArrayModel model_;
  ToggleRecorder recorder_;
  LockstepStatistics statistics_;
  std::uint64_t sequence_edges_ = 0;
  bool sequence_over_ = false;

  std::deque<std::unique_ptr<Flight>> flights_;  // oldest first; the model keeps their addresses
  Flight* streaming_ = nullptr;                  // whose activations the controller asks for
  std::vector<TileRecord> completed_;
  ControllerRequest request_;  // of the cycle at hand
  PeOwners owners_;
  std::vector<std::int8_t> weights_in_;
  std::vector<std::int8_t> activations_in_;
};

}  // namespace togglewise::systemc
