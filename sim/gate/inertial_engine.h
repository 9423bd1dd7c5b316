// The glitch-aware gate engine: every net's whole waveform in many cycles of one PE at once, a
// program for each weight value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/gate/inertial_model.h"
#include "sim/gate/inertial_pass.h"
#include "sim/gate/mac_engine.h"

namespace togglewise::gate {

// Counts every toggle of every net by the rule of inertial_model.h. EventEngine is the definition;
// results are equal to the toggle.
class InertialEngine : public MacEngine {
 public:
  // TW-GATE-001 and what require_mac_function throws. `mac` must outlive the engine. `instructions`
  // other than `best` are for tests; one that the machine lacks falls back to the next lower one.
  InertialEngine(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
                 const InertialModel& model, InstructionSet instructions = InstructionSet::best);

  void run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
           BitPlanes& partial_sum_out, ToggleTally& tally) const override;
  void transition_energies_fj(int weight, const std::int8_t* activation,
                              const std::int32_t* partial_sum_in, std::size_t cycles,
                              float* energy_fj) const override;
  void change_energies_fj(const PeOperands* before, const PeOperands* after, std::size_t count,
                          double* energy_fj) const override;
  ComponentEnergies sum_of_changes(const PeOperands* before, const PeOperands* after,
                                   std::size_t count) const override;
  std::string timing() const override;  // "inertial, 50 ps"
  std::string instruction_set() const override { return kernels_->name; }

  double quantum_ps() const { return quantum_ps_; }
  const InertialProgram& program(int weight) const { return programs_[index_of(weight)].program; }

 private:
  double quantum_ps_ = 0.0;
  const InertialKernelSet* kernels_ = nullptr;
  std::vector<CompiledInertialProgram> programs_;  // by weight − lowest weight
  CompiledInertialProgram changing_weight_;        // the weight's bits are inputs
  // Energies of its counters, by component and in all.
  std::vector<ComponentEnergies> changing_weight_component_fj_;
  std::vector<double> changing_weight_fj_;
};

}  // namespace togglewise::gate
