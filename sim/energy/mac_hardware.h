// The hardware of one configuration, down to the gates: netlists, their energies, the gate engine.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/accumulator.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/gating_hardware.h"
#include "sim/gate/mac_engine.h"
#include "sim/gate/quantum_choice.h"
#include "sim/tech/delays.h"
#include "sim/tech/netlist.h"
#include "sim/tech/netlist_energy.h"
#include "sim/tech/timing.h"

namespace togglewise::energy {

// Energies of the registers around the MAC, per toggle of one bit.
struct RegisterToggleEnergies {
  double shadow_weight_fj = 0;
  double weight_fj = 0;
  double delay_fj = 0;             // one bit of the input skew or the output deskew
  double control_fj_per_load = 0;  // shift_enable and update rise and fall, per PE and tile
};

class MacHardware {
 public:
  // Synthesizes the MAC, the weight register and the accumulator (from the cache where they have
  // been synthesized before). Throws TW-SYN-…, TW-NET-…, TW-LIB-…, TW-FILE-001.
  explicit MacHardware(const config::HardwareConfig& config);
  // The MAC of `same` in another array: netlists and engine are shared. has_same_mac() is required.
  MacHardware(const config::HardwareConfig& config, const MacHardware& same);
  ~MacHardware();
  MacHardware(const MacHardware&) = delete;
  MacHardware& operator=(const MacHardware&) = delete;

  const config::HardwareConfig& config() const { return config_; }
  array::ArrayShape shape() const;
  // Names what energy tables depend on: netlist, library, input slew, wire load.
  const std::string& key() const { return key_; }
  const tech::Netlist& netlist() const { return *mac_; }
  const tech::NetlistEnergy& netlist_energy() const { return *mac_energy_; }
  // Of the configuration's timing.
  const gate::MacEngine& engine() const { return *engine_; }
  const tech::NetlistDelays& delays() const { return *delays_; }
  bool counts_glitches() const { return quantum_ps_ > 0; }
  double quantum_ps() const { return quantum_ps_; }  // 0 for zero-delay timing
  // How the time step was chosen; absent for zero-delay timing and where the configuration gives
  // it.
  const std::optional<gate::QuantumChoice>& quantum_choice() const { return quantum_choice_; }
  const tech::CellLibrary& library() const { return mac_->library(); }
  // Of the MAC; the configuration's clock period is not below its critical path (TW-ENERGY-002).
  const tech::TimingReport& timing() const { return timing_; }
  const RegisterToggleEnergies& register_toggle() const { return register_toggle_; }

  // How the dynamic energy of a PE with this weight divides over the MAC's components on a stream.
  std::array<double, kMacComponents> component_shares(
      int weight, const std::vector<std::int8_t>& activation,
      const std::vector<std::int32_t>& partial_sum) const;

  const Accumulator& accumulator() const { return *accumulator_; }
  const Accumulator& subtracting_accumulator() const { return *subtracting_accumulator_; }
  // The one that the array of such a tile has.
  const Accumulator& accumulator_of(const array::TileStreams& streams) const {
    return streams.negated.empty() ? accumulator() : subtracting_accumulator();
  }

  // What the configuration's gating adds; null without any. What is below, and the MAC's netlist,
  // energies and timing above, are those of an array without gating.
  const std::shared_ptr<const GatingHardware>& gating() const { return gating_; }
  // With gating: of the gated PE.
  const std::optional<GatedTiming>& gated_timing() const { return gated_timing_; }
  const tech::RegisterBitEnergy& delay_bit() const { return delay_bit_; }
  const CellTotals& weight_register_totals() const { return weight_register_totals_; }

  // Per cycle, for the whole array: PEs, skew, deskew and accumulators.
  double clock_fj_per_cycle() const { return clock_fj_per_cycle_; }
  double leakage_fj_per_cycle() const { return leakage_fj_per_cycle_; }
  // Per cycle, for one PE: MAC, weight and shadow register.
  double pe_clock_fj_per_cycle() const { return pe_clock_fj_per_cycle_; }
  double pe_leakage_fj_per_cycle() const { return pe_leakage_fj_per_cycle_; }

 private:
  void make_engine(const tech::EnergyParameters& parameters);
  void make_gating();
  void add_up_array();  // clock and leakage of the whole array, from those of its parts

  config::HardwareConfig config_;
  std::string key_;
  std::shared_ptr<const tech::Netlist> mac_;
  std::shared_ptr<const tech::Netlist> weight_register_;
  std::shared_ptr<const tech::NetlistEnergy> mac_energy_;
  tech::NetlistEnergy weight_register_energy_;
  std::shared_ptr<const gate::MacEngine> engine_;
  std::shared_ptr<const tech::NetlistDelays> delays_;
  std::optional<gate::QuantumChoice> quantum_choice_;
  double quantum_ps_ = 0;
  std::shared_ptr<const Accumulator> accumulator_;
  std::shared_ptr<const Accumulator> subtracting_accumulator_;
  tech::RegisterBitEnergy delay_bit_;
  CellTotals weight_register_totals_;
  std::shared_ptr<const GatingHardware> gating_;
  std::optional<GatedTiming> gated_timing_;
  RegisterToggleEnergies register_toggle_;
  tech::TimingReport timing_;
  double clock_fj_per_cycle_ = 0;
  double leakage_fj_per_cycle_ = 0;
  double pe_clock_fj_per_cycle_ = 0;
  double pe_leakage_fj_per_cycle_ = 0;
};

// Whether two configurations have the same MAC on the same cells at the same clock: everything that
// MacHardware synthesizes. What may differ is the array's size, its memories and its scheme of
// loading weights.
bool has_same_mac(const config::HardwareConfig& a, const config::HardwareConfig& b);

}  // namespace togglewise::energy
