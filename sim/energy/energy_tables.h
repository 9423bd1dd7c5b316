// Energy per transition, per weight value and cell of a grouping: what calibration makes.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/energy/transition_grouping.h"

namespace togglewise::energy {

class MacHardware;

constexpr std::size_t kWeightValues = 256;  // index = weight value + 128
inline std::size_t weight_index(int weight) { return static_cast<std::size_t>(weight + 128); }

// The five dynamic components of a MAC, in the order of EnergyBreakdown.
constexpr std::size_t kMacComponents = 5;

struct WeightEnergy {
  std::uint64_t transitions = 0;  // sampled from the operands; 0 for values outside of weight_bits
  double mean_fj = 0;             // E(w): over the calibration streams, layer-agnostic
  double standard_error_fj = 0;   // from the spread of the sampled segments
  std::array<double, kMacComponents> share{};  // of the components; they add up to 1
};

// One part of the grouping.
struct TablePart {
  std::vector<float> energy_fj;       // [256][cells of the part]
  std::vector<std::int32_t> samples;  // [256][cells of the part], from real operands
  // Standard deviation of a sample inside a cell, by weight: a cell's standard error is this over
  // the root of its samples.
  std::array<double, kWeightValues> deviation_fj{};
};

// What the tables say of a layer's calibration sample when they are made without that layer.
struct HeldOutLayer {
  std::string name;
  double relative_error = 0;  // predicted / measured − 1
};

struct EnergyTables {
  // Where they come from, and what they are valid for.
  std::string tool_version;
  std::string hardware_name;
  std::string hardware_key;  // MacHardware::key(): netlist, library, corner, slew, wire load
  std::string library;       // name of the cell library
  std::string corner;        // of the library: voltage, temperature, process, where it says them
  std::string netlist_hash;
  std::string timing;       // MacEngine::timing()
  std::string traces_hash;  // Traces::model_hash
  std::string operand_source;
  std::uint64_t seed = 0;
  int weight_bits = 8;

  std::shared_ptr<const TransitionGrouping> grouping;
  std::vector<TablePart> parts;  // as grouping->parts()
  std::array<WeightEnergy, kWeightValues> weights{};
  double r_squared = 0;  // per transition, over calibration samples that the fit has not seen
  std::vector<HeldOutLayer> held_out;

  const float* of_weight(std::size_t part, int weight) const {
    return parts[part].energy_fj.data() + weight_index(weight) * grouping->parts()[part]->cells();
  }
  double transition_fj(int weight, const Transition& transition) const {
    double sum = 0;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      sum += of_weight(p, weight)[grouping->parts()[p]->cell(transition)];
    }
    return sum;
  }
  std::uint64_t populated_cells() const;  // over all parts and weights
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
