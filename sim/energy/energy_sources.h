// Where each line of an energy breakdown comes from: part of every result.
#pragma once

#include <string>
#include <vector>

#include "sim/energy/network_energy.h"

namespace togglewise::energy {

struct EnergySource {
  std::string line;  // of EnergyBreakdown::lines()
  std::string kind;  // "gates", "tables", "toggles", "clock" or "leakage"
  std::string text;  // for people: engine, netlist, tables, energy per toggle
};

// `tables` is null at fidelity gate; `tables_name` says which file they are of.
std::vector<EnergySource> energy_sources(const MacHardware& hardware, Fidelity fidelity,
                                         const EnergyTables* tables,
                                         const std::string& tables_name);

}  // namespace togglewise::energy
