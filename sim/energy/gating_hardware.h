// What one set of gating options adds to the array, down to the cells.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/array/clock_counts.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/clock_gate.h"
#include "sim/energy/gated_parts.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"

namespace togglewise::energy {

class MacHardware;

// The options that decide what a PE's own circuits are; `key` tells them apart.
struct StageOptions {
  bool idle_rows = false;
  bool zero_weight = false;
  bool zero_activation = false;
  bool unchanged_partial_sum = false;

  explicit StageOptions(const array::Gating& gating);
  // Whether a PE has an activation register of its own, beside the MAC's.
  bool own_activation() const {
    return idle_rows || zero_weight || zero_activation || unchanged_partial_sum;
  }
  bool gates_activation() const { return idle_rows || zero_activation || unchanged_partial_sum; }
  bool gates_partial_sum() const { return idle_rows || unchanged_partial_sum; }
  bool has_port_flags() const { return zero_activation || unchanged_partial_sum; }
  int key() const;
};

// The synthesized parts of PEs, skew stages and ports; null where the options need none.
struct GatedStage {
  GatedStage(const MacHardware& hardware, const StageOptions& options);

  StageOptions options;
  std::unique_ptr<const ActivationStage> activation;
  std::unique_ptr<const SumGate> partial_sum;
  std::unique_ptr<const PortFlags> port;
  // Logic and flags of a skew stage, without its data register; nothing for the deskew's, whose
  // enable is its flag.
  double skew_enable_fj = 0;  // per toggle of a skew stage's enable, its clock gate's included
  double skew_logic_leakage_nw = 0;
  double skew_logic_area = 0;
};

// Area in the library's unit; leakage in nW.
struct CellTotals {
  double area = 0;
  double leakage_nw = 0;
};

class GatingHardware {
 public:
  // `stage` is that of the same options. Throws TW-ENERGY-004.
  GatingHardware(const MacHardware& hardware, const array::Gating& gating,
                 std::shared_ptr<const GatedStage> stage);

  const array::Gating& gating() const { return gating_; }
  const GatedStage& stage() const { return *stage_; }

  // Clock pins, per cycle: one register of each kind, one flag.
  struct ClockPins {
    double activation_fj = 0;
    double partial_sum_fj = 0;
    double weight_fj = 0;
    double skew_fj = 0;
    double deskew_fj = 0;
    double accumulator_fj = 0;
    double flag_fj = 0;
    double port_fj = 0;
  };
  const ClockPins& clock_pins() const { return pins_; }
  const ClockGateEnergies& gate_of(array::GateCycles array::ClockCounts::*kind) const;

  // The MAC's activation register, per bit: its outputs, and its data pins. The PE has another one
  // where the options need it; synthesis then removes this.
  const std::array<double, 8>& mac_register_fj() const { return mac_register_fj_; }
  const std::array<double, 8>& mac_register_pin_fj() const { return mac_register_pin_fj_; }

  double delay_fj() const { return delay_fj_; }  // per toggle of a flag that another one follows
  // Of the whole array, with gating and without; and of one PE.
  const CellTotals& array_totals() const { return array_; }
  const CellTotals& array_totals_ungated() const { return array_ungated_; }
  const CellTotals& pe_totals() const { return pe_; }
  const CellTotals& pe_totals_ungated() const { return pe_ungated_; }
  double leakage_fj_per_cycle() const { return leakage_fj_per_cycle_; }
  // Cells whose area the library gives as 0, among those that gating adds to a PE.
  bool lacks_areas() const { return lacks_areas_; }

 private:
  void find_mac_register(const MacHardware& hardware);
  void make_gates(const MacHardware& hardware);
  void add_up(const MacHardware& hardware);

  array::Gating gating_;
  std::shared_ptr<const GatedStage> stage_;
  ClockPins pins_;
  std::vector<std::pair<array::GateCycles array::ClockCounts::*, ClockGateEnergies>> gates_;
  std::array<double, 8> mac_register_fj_{};
  std::array<double, 8> mac_register_pin_fj_{};
  CellTotals mac_register_;  // cells that synthesis removes
  double delay_fj_ = 0;
  CellTotals array_, array_ungated_, pe_, pe_ungated_;
  double leakage_fj_per_cycle_ = 0;
  bool lacks_areas_ = false;
};

// Stages that several sets of options have in common are synthesized once.
class GatingFactory {
 public:
  explicit GatingFactory(const MacHardware& hardware) : hardware_(hardware) {}
  std::shared_ptr<const GatingHardware> make(const array::Gating& gating);

 private:
  const MacHardware& hardware_;
  std::map<int, std::shared_ptr<const GatedStage>> stages_;
};

// Delays of a gated PE.
struct GatedTiming {
  double critical_path_ps = 0;  // of the PE: the MAC behind its isolation
  double enable_path_ps = 0;    // from the clock to a clock gate's latch
};
GatedTiming gated_timing(const MacHardware& hardware, const GatedStage& stage);
// Throws TW-ENERGY-002 where the clock period is below the critical path, or half of it below what
// an enable needs to reach its latch before that opens.
GatedTiming require_gated_timing(const MacHardware& hardware, const GatedStage& stage);

}  // namespace togglewise::energy
