// What one point of a sweep comes to, layer by layer. The columns of the CSV, the keys of the JSON
// and the numbers of the journal are declared here once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/array/cycle_model.h"
#include "sim/array/tile.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/report/result_json.h"

namespace togglewise::sweep {

struct EnergyResult {
  energy::EnergyBreakdown per_image;
  double memory_fj_per_image = 0;
  array::ToggleCounts toggles;  // of all images
};

struct LayerResult {
  array::LayerCycles cycles;           // of a batch
  double memory_pj_per_batch = 0;      // 0 where the configuration gives no energies of memories
  std::optional<EnergyResult> energy;  // absent at fidelity cycles
};

struct PointResult {
  // Why this hardware cannot run this workload ("" when it can): a tile that does not fit an SRAM,
  // a clock that the MAC cannot follow. Then there are no layers.
  std::string not_possible;
  std::vector<LayerResult> layers;
};

// The layers as one: sums, and the fractions of the whole.
LayerResult total_of(const PointResult& point);

// Names and values for tables; an absent value is "" in a CSV and missing in JSON.
using Cell = std::pair<std::string, report::Json>;
std::vector<Cell> cells_of(const LayerResult& layer);

// For the journal: exact to the last bit.
report::Json to_json(const PointResult& point);
PointResult point_from_json(const report::Json& json);  // throws report::Json::exception

}  // namespace togglewise::sweep
