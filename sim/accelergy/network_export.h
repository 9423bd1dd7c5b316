// A network's energies as energy reference tables and action counts, for it and for each layer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/accelergy/reference_table.h"
#include "sim/base/progress.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/network_energy.h"
#include "sim/network/traces.h"

namespace togglewise::accelergy {

// What the argument `group` of the action `compute` is.
enum class ComputeGroup {
  layer,  // the layer's name: mean energies of the layer's own transitions
  cell    // the cell of the tables' grouping: one table entry each
};

struct ExportParams {
  energy::Fidelity fidelity = energy::Fidelity::table;  // or layer
  ComputeGroup group = ComputeGroup::layer;
  std::optional<std::size_t> only_layer;
  // Of `compute` in one ERT: Accelergy looks every count up from the first entry on, so that its
  // time grows with the square.
  std::size_t most_entries = 20000;
  int threads = 1;
};

struct LayerExport {
  std::string group;   // the layer's name, made unique
  std::string folder;  // for its files: its number and what of its name a file name may have
  ReferenceTable table;
  ActionCounts counts;
};

struct NetworkExport {
  std::vector<LayerExport> layers;  // only_layer: that one
  ReferenceTable table;             // of these layers together
  ActionCounts counts;
  energy::NetworkEnergy energy;            // of all layers
  std::vector<std::size_t> layer_numbers;  // of `layers`, in `energy`
};

// The number of the layer with this name, or, where no layer has it, with this number from 0 on.
// Throws TW-ERT-001.
std::size_t find_layer(const network::Traces& traces, const std::string& name);

// Throws TW-ERT-002 (a grouping of several parts by cell), TW-ERT-006 (cells at fidelity `layer`)
// and TW-ERT-007 (gated hardware).
void require_exportable(const config::HardwareConfig& hardware, const energy::EnergyTables& tables,
                        const ExportParams& params);

// Throws what require_exportable() throws, and TW-ERT-003 (too many entries). Tables must match the
// hardware (require_tables_match).
NetworkExport export_network(const energy::MacHardware& hardware, const network::Traces& traces,
                             const energy::EnergyTables& tables, const ExportParams& params,
                             const ProgressFunction& progress = no_progress);

}  // namespace togglewise::accelergy
