// What each gating option saves for a network: alone, all together, and the best set.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/energy/gating_hardware.h"
#include "sim/energy/network_energy.h"

namespace togglewise::energy {

// Every option by its name in the configuration.
struct GatingOption {
  const char* name;
  bool array::Gating::*member;
};
const std::vector<GatingOption>& gating_options();
// Names with plus signs; "none".
std::string gating_name(const array::Gating& gating);

struct GatingTrial {
  std::string name;  // of the option, "none", "all", or "best: " and its options
  std::shared_ptr<const GatingHardware> hardware;  // null: without gating
  GatedTiming timing;
  bool meets_clock = true;
  NetworkEnergy energy;
};

struct GatingStudy {
  // None, each option alone, all, and the set of the least total energy of those that meet the
  // clock.
  std::vector<GatingTrial> trials;
  std::size_t sets = 0;  // that were measured

  // Relative to `none`.
  double saved_dynamic(const GatingTrial& trial) const;
  double saved_total(const GatingTrial& trial) const;
};

// `hardware` is without gating; its MACs' toggles are counted once for all sets.
GatingStudy study_gating(const MacHardware& hardware, const network::Traces& traces,
                         Fidelity fidelity, const EnergyTables* tables, int threads,
                         const ProgressFunction& progress = no_progress);

}  // namespace togglewise::energy
