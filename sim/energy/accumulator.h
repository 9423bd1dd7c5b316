// One column's accumulator at gate level.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/gate/bit_planes.h"
#include "sim/gate/inertial_model.h"
#include "sim/gate/netlist_engine.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::energy {

constexpr int kAccumulatorBits = 32;

struct AccumulatorEnergies {
  double settled_fj = 0;
  double with_glitches_fj = 0;
};

// rtl/accumulator.sv, synthesized. Its inputs are the partial sum that leaves the column, the
// addend, kAccumulatorBits wide, that earlier K tiles left for this output pixel, and whether the
// column is negated.
class Accumulator {
 public:
  // With `quantum_ps` > 0 its glitches can be told as well.
  Accumulator(std::shared_ptr<const tech::Netlist> netlist,
              const tech::EnergyParameters& parameters, int partial_sum_bits, double quantum_ps);

  // Planes in interleaved order. Writes what the register holds after each cycle to `next` and adds
  // the toggles to `tally`.
  void run(const gate::BitPlanes& partial_sum, const gate::BitPlanes& addend, bool subtract,
           gate::BitPlanes& next, gate::NetlistEngine::Tally& tally) const;
  gate::NetlistEngine::Tally make_tally() const { return engine_.make_tally(); }
  double energy_fj(const gate::NetlistEngine::Tally& tally) const {
    return engine_.energy_fj(tally);
  }

  // Both energies of these cycles, by the scalar engines; needs a quantum.
  AccumulatorEnergies energies(const std::vector<std::int32_t>& partial_sum,
                               const std::vector<std::int32_t>& addend, bool subtract) const;

  const tech::Netlist& netlist() const { return *netlist_; }
  const tech::NetlistEnergy& netlist_energy() const { return energy_; }

 private:
  std::shared_ptr<const tech::Netlist> netlist_;
  tech::NetlistEnergy energy_;
  int partial_sum_bits_;
  gate::NetlistEngine engine_;
  std::optional<gate::InertialModel> model_;
};

}  // namespace togglewise::energy
