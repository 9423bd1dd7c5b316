// Energy per transition, per weight value and cell of a grouping: what calibration makes.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/energy/transition_grouping.h"
#include "sim/energy/transition_histogram.h"

namespace togglewise::energy {

class MacHardware;

// The five dynamic components of a MAC, in the order of EnergyBreakdown.
constexpr std::size_t kMacComponents = 5;

struct WeightEnergy {
  std::uint64_t transitions = 0;               // sampled; 0 for values outside of weight_bits
  double mean_fj = 0;                          // E(w): over the calibration streams, layer-agnostic
  double standard_error_fj = 0;                // from the spread of the sampled segments
  std::array<double, kMacComponents> share{};  // of the components; they add up to 1
};

struct EnergyTables {
  // Where they come from, and what they are valid for.
  std::string tool_version;
  std::string hardware_name;
  std::string hardware_key;  // MacHardware::key(): netlist, library, corner, slew, wire load
  std::string timing;        // MacEngine::timing()
  std::string traces_hash;   // Traces::model_hash
  std::uint64_t seed = 0;
  int weight_bits = 8;
  int activation_bits = 8;
  int partial_sum_bits = 22;

  std::string grouping_name;
  std::shared_ptr<const TransitionGrouping> grouping;
  std::vector<double> energy_fj;       // [256][cells]
  std::vector<std::uint64_t> samples;  // [256][cells]
  std::array<WeightEnergy, kWeightValues> weights{};
  double r_squared = 0;  // of the table against the sampled transitions, in sample

  std::size_t cells() const { return grouping->cells(); }
  const double* of_weight(int weight) const {
    return energy_fj.data() + weight_index(weight) * cells();
  }
  std::uint64_t populated_cells() const;
};

void write_tables(const EnergyTables& tables, const std::filesystem::path& file);

// Throws TW-TABLE-001 when sizes inside the file do not agree; TW-HDF5-… for damaged files.
EnergyTables read_tables(const std::filesystem::path& file);

// Throws TW-TABLE-002 unless the tables were calibrated for this MAC, library and corner.
void require_tables_of_mac(const EnergyTables& tables, const MacHardware& hardware,
                           const std::string& file);
// And TW-TABLE-003 unless their timing is that of the hardware's engine.
void require_tables_match(const EnergyTables& tables, const MacHardware& hardware,
                          const std::string& file);

}  // namespace togglewise::energy
