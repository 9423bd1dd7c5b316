// What a gate engine for MACs offers, whatever its idea of time; sums of toggles and energies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/gate/bit_planes.h"
#include "sim/gate/component_energies.h"
#include "sim/gate/instruction_set.h"
#include "sim/gate/toggle_tally.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::gate {

// What a PE works on in one cycle.
struct PeOperands {
  std::int8_t weight = 0;
  std::int8_t activation = 0;
  std::int32_t partial_sum = 0;
};

// Counts toggles of every net under inputs that the caller gives for consecutive cycles. Nets
// behind a register count at the transition of the inputs that causes theirs. Immutable after
// construction: all calls are safe from several threads.
class MacEngine {
 public:
  virtual ~MacEngine();
  MacEngine(const MacEngine&) = delete;
  MacEngine& operator=(const MacEngine&) = delete;

  // One PE over cycles 0 … T−1 with a fixed weight. Writes p_in + w·a of cycle t, which is what the
  // partial-sum register holds after that cycle, to cycle t of `partial_sum_out` (reshaped as
  // needed; not the object given as an input) and adds the toggles of the T−1 transitions to
  // `tally`.
  virtual void run(int weight, const BitPlanes& activation, const BitPlanes& partial_sum_in,
                   BitPlanes& partial_sum_out, ToggleTally& tally) const = 0;

  // Energy of each single transition t → t+1 under a fixed weight: `cycles` − 1 values, none for
  // fewer than two cycles. They sum to what `run` and `energy` give, up to rounding.
  virtual void transition_energies_fj(int weight, const std::int8_t* activation,
                                      const std::int32_t* partial_sum_in, std::size_t cycles,
                                      float* energy_fj) const = 0;

  // Energy of `count` single transitions from `before[i]` to `after[i]`, in which the weight may
  // change together with activation and partial sum, the weight's own pins included.
  virtual void change_energies_fj(const PeOperands* before, const PeOperands* after,
                                  std::size_t count, double* energy_fj) const = 0;

  // The same, all changes together, by component. Engines that do not override it call everything
  // the multiplier's.
  virtual ComponentEnergies sum_of_changes(const PeOperands* before, const PeOperands* after,
                                           std::size_t count) const;

  // The order of time in which `run` is fastest; it takes planes in any, and gives its sums in
  // this.
  virtual TimeOrder time_order() const { return TimeOrder::consecutive; }

  // "zero-delay", or the rule and its quantum: part of every result.
  virtual std::string timing() const = 0;
  virtual std::string instruction_set() const = 0;

  // An empty tally of the right shape.
  ToggleTally make_tally() const { return ToggleTally(weights_.size()); }

  // Sum of toggles times energy, in a fixed order; over all weights or one.
  ComponentEnergies energy(const ToggleTally& tally) const;
  ComponentEnergies energy_of_weight(const ToggleTally& tally, int weight) const;
  double weight_energy_fj(const ToggleTally& tally, int weight) const {
    return energy_of_weight(tally, weight).total_fj();
  }
  std::uint64_t net_toggles(const ToggleTally& tally, tech::NetIndex net) const;

  // Energy of the nets before the registers, the weight's own pins included, when the weight
  // changes while activation and partial sum are zero.
  double weight_change_energy_fj(int from, int to) const;

  int lowest_weight() const { return -(1 << (widths_.weight_bits - 1)); }
  int highest_weight() const { return (1 << (widths_.weight_bits - 1)) - 1; }
  const tech::MacWidths& widths() const { return widths_; }

 protected:
  // Needs a MAC (require_mac_contract, require_mac_function) with weights and activations of at
  // most 8 bits and partial sums of at most 32: TW-GATE-001 otherwise.
  explicit MacEngine(const tech::Netlist& mac);

  // Which counter of a weight's program counts each net (negative: it never toggles); weights come
  // in ascending order. Energies are those of the nets that share a counter.
  void add_weight(const std::vector<std::int16_t>& counter_of_net, int counters,
                  const tech::NetlistEnergy& energy);
  // To be called at the end of construction, when change_energies_fj() works.
  void compute_weight_changes();

  std::size_t index_of(int weight) const;  // throws std::out_of_range
  // Energies of the nets that share a counter, by counter.
  static std::vector<ComponentEnergies> energies_of_counters(
      const std::vector<std::int16_t>& counter_of_net, int counters,
      const tech::NetlistEnergy& energy);
  // A weight's counters in the tally (made on first use), after adding its transitions.
  std::uint64_t* counters(ToggleTally& tally, std::size_t weight_index,
                          std::uint64_t transitions) const;
  const std::vector<double>& counter_fj(std::size_t weight_index) const {
    return weights_[weight_index].counter_fj;
  }
  void require_streams(const BitPlanes& activation, const BitPlanes& partial_sum_in,
                       const BitPlanes& partial_sum_out) const;

 private:
  struct WeightCounters {
    std::vector<std::int16_t> counter_of_net;
    std::vector<ComponentEnergies> component_fj;  // per counter
    std::vector<double> counter_fj;
  };

  tech::MacWidths widths_;
  std::vector<WeightCounters> weights_;   // by weight − lowest weight
  std::vector<double> weight_change_fj_;  // [from][to]
};

}  // namespace togglewise::gate
