// The zero-delay gate engine: many cycles of one PE at once, a program for each weight value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/gate/mac_engine.h"
#include "sim/gate/plane_program.h"

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
  ComponentEnergies sum_of_changes(const PeOperands* before, const PeOperands* after,
                                   std::size_t count) const override;
  TimeOrder time_order() const override { return TimeOrder::interleaved; }
  std::string timing() const override { return "zero-delay"; }
  std::string instruction_set() const override { return kernels_->name; }

  const WeightProgram& program(int weight) const { return programs_[index_of(weight)].program(); }

 private:
  const KernelSet* kernels_ = nullptr;
  std::vector<PlaneProgram> programs_;  // by weight − lowest weight
  // The circuit with its weight as an input: what changes of weights run through.
  std::unique_ptr<PlaneProgram> open_program_;
  std::vector<ComponentEnergies> open_component_fj_;  // per counter
  std::vector<double> open_counter_fj_;
};

}  // namespace togglewise::gate
