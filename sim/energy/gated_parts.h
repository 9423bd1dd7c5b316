// The circuits that gating adds to PEs, skew registers and ports, synthesized: what a toggle of
// each of their nets costs, and engines that count them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/array/clock_counts.h"
#include "sim/array/tile_activity.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/clock_gate.h"
#include "sim/gate/netlist_engine.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::energy {

// Cells from which an output in `used` can be reached are what synthesis keeps of a part whose
// other outputs are left open. Energies of the others' nets and pins, and their leakage, area and
// clock pins, are taken off.
void drop_unused_cells(const tech::Netlist& netlist, const std::vector<std::string>& used,
                       tech::NetlistEnergy& energy);

// A circuit, and what its registers and cells spend whatever toggles.
struct GatedPart {
  std::shared_ptr<const tech::Netlist> netlist;
  tech::NetlistEnergy energy;
};

// rtl/gated_activation.sv of one set of options. All its registers are taken to be clocked: it is
// given streams that its data register would hold.
class ActivationStage {
 public:
  using Tally = gate::NetlistEngine::Tally;

  ActivationStage(GatedPart part, double enable_fj);

  Tally make_tally() const { return engine_.make_tally(); }
  // Planes in interleaved order: the data that stand at the stage's input, and their flags.
  void run(bool weight_used, const gate::BitPlanes& data, const gate::BitPlanes& zero,
           const gate::BitPlanes& move, Tally& tally) const;

  struct Energies {
    double registers_fj = 0;  // outputs of the data register
    double flags_fj = 0;      // outputs of the flags
    double pins_fj = 0;       // pins that the data arrive at
    double logic_fj = 0;      // all other nets: enable, isolation
    double total_fj() const { return registers_fj + flags_fj + pins_fj + logic_fj; }
    double still_fj() const { return pins_fj + logic_fj; }  // in a PE without clock
  };
  Energies energies(const Tally& tally) const;
  // When the weight changes while nothing else does.
  double weight_change_fj(int from, int to) const;
  // Per toggle of `row_on` while no activation is in flight.
  double row_on_fj() const { return row_on_fj_; }
  const GatedPart& part() const { return part_; }
  std::uint64_t toggles(const Tally& tally, tech::NetIndex net) const {
    return engine_.net_toggles(tally, net);
  }

 private:
  enum class Kind { data_register, flag, data_pin, logic };

  void find_kinds();
  void compute_weight_changes();

  GatedPart part_;
  std::vector<std::string> inputs_;
  gate::NetlistEngine engine_;
  std::vector<Kind> kinds_;                    // per net
  std::vector<std::uint64_t> nets_by_weight_;  // per weight: bit i is the value of weight net i
  std::vector<double> weight_net_fj_;
  int lowest_weight_ = 0;
  double row_on_fj_ = 0;
};

// rtl/partial_sum_gate.sv: small enough that what each net follows is known beforehand.
class SumGate {
 public:
  SumGate(GatedPart part, double enable_fj);

  // Of all PEs, from how often the flags before and behind them toggle; `idle_moves` are those of
  // the move flags in PEs beside the used columns.
  double energy_fj(const array::ChangeActivity& changes, std::uint64_t idle_moves) const;
  double row_on_fj() const { return row_on_fj_; }
  const GatedPart& part() const { return part_; }
  // What a net follows: how many of `above`, `move`, `out` toggles it has in a PE.
  struct Follows {
    bool above = false;
    bool move = false;
    bool out = false;
  };
  const std::vector<Follows>& follows(bool weight_used) const {
    return weight_used ? used_ : unused_;
  }

 private:
  struct PerToggle {
    double above_fj = 0;
    double move_fj = 0;
    double out_fj = 0;
  };
  PerToggle per_toggle(const std::vector<Follows>& follows) const;

  GatedPart part_;
  std::vector<Follows> used_;    // per net, in PEs with a nonzero weight
  std::vector<Follows> unused_;  // per net, in the others
  PerToggle used_fj_;
  PerToggle unused_fj_;
  double row_on_fj_ = 0;
};

// rtl/activation_flags.sv. Its register is taken apart from its logic, which sees the activation
// of the cycle before as a second input.
class PortFlags {
 public:
  using Tally = gate::NetlistEngine::Tally;

  PortFlags(GatedPart part, const std::string& json,
            const std::shared_ptr<const tech::CellLibrary>& library);

  Tally make_tally() const { return engine_->make_tally(); }
  // `previous` is `activation` one cycle later.
  void run(const gate::BitPlanes& activation, const gate::BitPlanes& previous, Tally& tally) const;
  double energy_fj(const Tally& tally) const;
  const GatedPart& part() const { return part_; }

 private:
  GatedPart part_;
  std::shared_ptr<const tech::Netlist> logic_;
  std::shared_ptr<const gate::NetlistEngine> engine_;
  bool has_register_ = false;
};

}  // namespace togglewise::energy
