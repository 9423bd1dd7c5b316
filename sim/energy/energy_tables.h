// Energy per transition, per weight value and cell of a grouping: what calibration makes.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/energy/transition_grouping.h"

namespace togglewise::network {
struct Traces;
}

namespace togglewise::energy {

class MacHardware;

constexpr std::size_t kWeightValues = 256;  // index = weight value + 128
inline std::size_t weight_index(int weight) { return static_cast<std::size_t>(weight + 128); }

// The five dynamic components of a MAC, in the order of EnergyBreakdown.
constexpr std::size_t kMacComponents = 5;

struct WeightEnergy {
  std::uint64_t transitions = 0;  // sampled from the operands; 0 for values outside of weight_bits
  double mean_fj = 0;             // E(w): over the calibration streams, layer-agnostic
  double standard_error_fj = 0;   // from the spread of a layer's sampled segments
  // Share of these transitions that lie in cells known to TablePrecision::cell.
  double precise_share = 0;
  std::array<double, kMacComponents> share{};  // of the components; they add up to 1
};

// One part of the grouping.
struct TablePart {
  std::vector<float> energy_fj;       // [256][cells of the part]
  std::vector<std::int32_t> samples;  // [256][cells of the part], from real operands
  double covering_samples = 0;        // beside them, in every cell of a part by activation pairs
  // Standard deviation of a sample inside a cell, by weight: a cell's standard error is this over
  // the root of its samples.
  std::array<double, kWeightValues> deviation_fj{};
};

// What calibration was asked for. A weight value is measured on more operands until it has both, or
// until it has had `most_transitions`.
struct TablePrecision {
  double weight = 0.005;     // standard error of E(w), relative to it
  double cell = 0.1;         // standard error of a cell's energy, relative to E(w), …
  double cell_share = 0.95;  // … of the cells in which so much of the weight's transitions lie
  std::uint64_t most_transitions = 262144;
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
  bool synthetic = false;  // operands drawn from statistics, not from a network and its data
  std::uint64_t seed = 0;
  TablePrecision precision;
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

// Throws TW-TABLE-001 when sizes inside the file do not agree, TW-TABLE-004 when another version of
// Togglewise wrote it in another form; TW-HDF5-… for damaged files.
EnergyTables read_tables(const std::filesystem::path& file);

// Throws TW-TABLE-002 unless the tables were calibrated for this MAC, library and corner, and
// TW-TABLE-006 when they are empty or so sparse that E(w) is not known to a quarter.
void require_tables_of_mac(const EnergyTables& tables, const MacHardware& hardware,
                           const std::string& file);
// And TW-TABLE-003 unless their timing is that of the hardware's engine.
void require_tables_match(const EnergyTables& tables, const MacHardware& hardware,
                          const std::string& file);

// Throws TW-TABLE-005 when the traces have activations below zero and the tables were made without
// such, and TW-TABLE-007 when the traces' layers hold weights that the tables have no samples of.
// To be called before any lookup, which does not check.
void require_activations(const EnergyTables& tables, const network::Traces& traces,
                         const std::string& file);

// What is said of a network's layers, E_l(w) for one, comes from that network's own operands:
// throws TW-TABLE-009 for traces of another one. `model_hash` is the run's; tables may come from
// any network.
void require_traces_of_network(const network::Traces& traces, const std::string& traces_file,
                               const std::string& model_hash, const std::string& model_name);

}  // namespace togglewise::energy
