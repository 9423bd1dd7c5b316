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
  std::uint64_t seed = 0;
  const config::HardwareConfig* hardware = nullptr;
  ModelIdentity model;         // the network, the topology or the operand file
  std::string workload;        // name; "" when there is none
  std::string operand_source;  // for people; "" at fidelity cycles
  bool synthetic = false;      // operands drawn at random
  int batch_size = 1;
  int images = 0;  // whose toggles were counted; 0 at fidelity cycles
  double seconds = 0;
  std::vector<CyclesLayer> layers;

  // "toggles" when they were counted, else "cycles".
  std::string fidelity() const;
};

// A table of the layers with their cycles split up, and the totals.
std::string cycles_text(const CyclesRun& run);
// One line per layer and a last one named "total"; the unit is in every column's name.
std::string cycles_csv(const CyclesRun& run);
// simulate-cycles.json and simulate-toggles.json.
Json cycles_json(const CyclesRun& run);

}  // namespace togglewise::report
