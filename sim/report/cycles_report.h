// Cycles, memory accesses and, where they were counted, toggles of a network's layers: what needs
// no cell library. As console text, CSV and JSON: the same numbers in each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/array/cycle_model.h"
#include "sim/array/tile.h"
#include "sim/report/result_json.h"

namespace togglewise::report {

struct CyclesLayer {
  array::LayerShape shape;
  array::LayerCycles cycles;                   // of one batch
  double memory_pj_per_batch = 0;              // 0 where the configuration gives no energies
  std::optional<array::ToggleCounts> toggles;  // of all images, weight loading included
};

struct CyclesRun {
  // The cycle model; the SystemC system model, cycle by cycle with data; the cycle model and the
  // toggle engine.
  enum class Kind { cycles, system, toggles };
  Kind kind = Kind::cycles;
  std::uint64_t seed = 0;
  const config::HardwareConfig* hardware = nullptr;
  ModelIdentity model;         // the network, the topology or the operand file
  std::string workload;        // name; "" when there is none
  std::string operand_source;  // for people; "" at fidelity cycles
  bool synthetic = false;      // operands drawn at random
  int batch_size = 1;
  int images = 0;                      // whose toggles were counted; 0 at other fidelities
  std::uint64_t outputs_compared = 0;  // of the system model, with integer arithmetic: all equal
  double seconds = 0;
  std::vector<CyclesLayer> layers;

  std::string fidelity() const;
};
std::string to_string(CyclesRun::Kind kind);

// A table of the layers with their cycles split up, and the totals.
std::string cycles_text(const CyclesRun& run);
// One line per layer and a last one named "total"; the unit is in every column's name.
std::string cycles_csv(const CyclesRun& run);
// simulate-cycles.json, simulate-system.json and simulate-toggles.json.
Json cycles_json(const CyclesRun& run);

}  // namespace togglewise::report
