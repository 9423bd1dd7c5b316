// The zero-delay gate engine: many cycles of one PE at once, a program for each weight value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/gate/bit_planes.h"
#include "sim/gate/component_energies.h"
#include "sim/gate/mac_kernels.h"
#include "sim/gate/toggle_tally.h"
#include "sim/gate/weight_program.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::gate {

enum class InstructionSet { best, generic, avx2, avx512 };

// Counts, for every net, the cycles t in which its settled value differs from cycle t−1, under
// inputs that the caller gives for consecutive cycles. Nets behind a register count at the
// transition of the inputs that causes theirs. The scalar engine is the definition; results are
// equal to the toggle. Immutable after construction: all calls are safe from several threads.
class MacEngine {
 public:
  // Needs a MAC (require_mac_contract, require_mac_function) with weights and activations of at
  // most 8 bits and partial sums of at most 32: TW-GATE-001 otherwise. `instructions` other than
  // `best` are for tests; one that the machine lacks falls back to the next lower one.
  MacEngine(const tech::Netlist& mac, const tech::NetlistEnergy& energy,
            InstructionSet instructions = InstructionSet::best);

  // One PE over cycles 0 … T−1 with a fixed weight. Writes p_in + w·a of cycle t, which is what the
  // partial-sum register holds after that cycle, to cycle t of `partial_sum_out` (reshaped as
  // needed; not the object given as an input) and adds the toggles of the T−1 transitions to
  // `tally`.
  void run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
           BitPlanes& partial_sum_out, ToggleTally& tally) const;

  // An empty tally of the right shape.
  ToggleTally make_tally() const;

  // Sum of toggles times energy, in a fixed order; over all weights or one.
  ComponentEnergies energy(const ToggleTally& tally) const;
  ComponentEnergies energy_of_weight(const ToggleTally& tally, int weight) const;
  double weight_energy_fj(const ToggleTally& tally, int weight) const {
    return energy_of_weight(tally, weight).total_fj();
  }
  std::uint64_t net_toggles(const ToggleTally& tally, tech::NetIndex net) const;

  // Energy of each single transition t → t+1 under a fixed weight: `cycles` − 1 values, none for
  // fewer than two cycles. They sum to what `run` and `energy` give, up to rounding.
  void transition_energies_fj(int weight, const std::int8_t* activation,
                              const std::int32_t* partial_sum_in, std::size_t cycles,
                              float* energy_fj) const;

  // Energy of the nets before the registers, the weight's own pins included, when the weight
  // changes while activation and partial sum are zero.
  double weight_change_energy_fj(int from, int to) const;

  int lowest_weight() const { return -(1 << (widths_.weight_bits - 1)); }
  int highest_weight() const { return (1 << (widths_.weight_bits - 1)) - 1; }
  const tech::MacWidths& widths() const { return widths_; }
  std::string instruction_set() const { return kernels_->name; }
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
  // A program's calls, and the energies of its counters.
  struct SpecializedMac {
    WeightProgram program;
    std::vector<Run> runs;
    std::vector<ComponentEnergies> component_fj;  // per counter
    std::vector<double> counter_fj;
  };

  class Pass;

  std::size_t index_of(int weight) const;
  SpecializedMac specialize(WeightProgram program, const tech::NetlistEnergy& energy) const;
  void compute_weight_changes(const tech::Netlist& mac, const tech::NetlistEnergy& energy);

  tech::MacWidths widths_;
  const KernelSet* kernels_ = nullptr;
  std::vector<SpecializedMac> programs_;  // by weight − lowest weight
  std::vector<double> weight_change_fj_;  // [from][to]
};

}  // namespace togglewise::gate
