// An inertial program made ready to run on one instruction set, and one walk of it over planes of
// bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/gate/bit_planes.h"
#include "sim/gate/inertial_kernels.h"
#include "sim/gate/inertial_program.h"
#include "sim/gate/instruction_set.h"
#include "sim/gate/mac_engine.h"

namespace togglewise::gate {

// One that the machine lacks falls back to the next lower one.
const InertialKernelSet* choose_inertial_kernels(InstructionSet wanted);

struct CompiledInertialProgram {
  struct Call {
    InertialKernel evaluate = nullptr;
    InertialKernel filter = nullptr;  // or count; nullptr where there is nothing to do
  };
  struct Step {
    InertialKernel count_input = nullptr;
    std::vector<Call> calls;  // per operation
  };
  InertialProgram program;
  Step long_step;
  Step short_step;
  Step spread_step;
};
CompiledInertialProgram compile(InertialProgram program, const InertialKernelSet& kernels);

// Operands of many PEs or cycles at once, one value a bit of each plane.
struct OperandPlanes {
  BitPlanes weight;
  BitPlanes activation;
  BitPlanes partial_sum;
};

OperandPlanes operand_planes(const PeOperands* operands, std::size_t count,
                             const tech::MacWidths& widths);

constexpr std::size_t kShortStepCycles = 64 * kShortStepWords;

class InertialPass {
 public:
  // Counts toggles. The program must outlive the pass.
  InertialPass(const CompiledInertialProgram& compiled, std::uint64_t* counters);
  // Adds the energy of each toggle to its cycle: `transition_fj` has kShortStepCycles entries.
  InertialPass(const CompiledInertialProgram& compiled, const double* energy_fj,
               double* transition_fj);

  // Consecutive cycles, each against the one before it, from word `word` of the planes on. Writes
  // what the cycles settle to.
  void count(const BitPlanes& activation, const BitPlanes& partial_sum, BitPlanes& sums,
             std::size_t word, int words);
  void spread(const BitPlanes& activation, const BitPlanes& partial_sum, std::size_t word);

  // kShortStepCycles transitions that have nothing to do with each other.
  void count_changes(const OperandPlanes& before, const OperandPlanes& after);
  void spread_changes(const OperandPlanes& before, const OperandPlanes& after);

 private:
  struct alignas(64) Value {
    unsigned char bytes[kValueBytes];
  };

  explicit InertialPass(const CompiledInertialProgram& compiled);
  void load(const BitPlanes& activation, const BitPlanes& partial_sum, std::size_t word, int words);
  void load_changes(const OperandPlanes& before, const OperandPlanes& after);
  void evaluate(const CompiledInertialProgram::Step& step);
  void store(BitPlanes& sums, std::size_t word, int words);
  std::uint64_t* value(std::uint32_t offset) {
    return reinterpret_cast<std::uint64_t*>(context_.values + offset);
  }

  const CompiledInertialProgram& compiled_;
  const InertialProgram& program_;
  // Waveforms, then scratch; not initialized, everything is written before it is read.
  std::unique_ptr<Value[]> memory_;
  InertialContext context_{};
};

}  // namespace togglewise::gate
