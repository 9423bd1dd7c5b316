// The zero-delay gate engine: many cycles of one PE at once, a program for each weight value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/gate/mac_engine.h"
#include "sim/gate/mac_kernels.h"
#include "sim/gate/weight_program.h"

namespace togglewise::gate {

// Counts, for every net, the cycles t in which its settled value differs from cycle t−1. The scalar
// engine is the definition; results are equal to the toggle.
class ZeroDelayEngine : public MacEngine {
 public:
  // TW-GATE-001 and what require_mac_function throws. `instructions` other than `best` are for
  // tests; one that the machine lacks falls back to the next lower one.
  ZeroDelayEngine(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                  InstructionSet instructions = InstructionSet::best);

  void run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
           BitPlanes& partial_sum_out, ToggleTally& tally) const override;
  void transition_energies_fj(int weight, const std::int8_t* activation,
                              const std::int32_t* partial_sum_in, std::size_t cycles,
                              float* energy_fj) const override;
  void change_energies_fj(const PeOperands* before, const PeOperands* after, std::size_t count,
                          double* energy_fj) const override;
  std::string timing() const override { return "zero-delay"; }
  std::string instruction_set() const override { return kernels_->name; }

  const WeightProgram& program(int weight) const { return programs_[index_of(weight)].program; }

 private:
  // Consecutive operations of one kernel.
  struct Run {
    int first = 0;
    int count = 0;
    KernelFunction long_step = nullptr;
    KernelFunction short_step = nullptr;
    KernelFunction spread_step = nullptr;
  };
  // A program's calls.
  struct SpecializedMac {
    WeightProgram program;
    std::vector<Run> runs;
  };

  class Pass;

  SpecializedMac specialize(WeightProgram program) const;

  const tech::Netlist& mac_;
  const tech::NetlistEnergy& energy_;
  const KernelSet* kernels_ = nullptr;
  std::vector<SpecializedMac> programs_;  // by weight − lowest weight
};

}  // namespace togglewise::gate
