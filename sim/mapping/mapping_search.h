// Searches, layer by layer, for the mapping with the least energy that the hardware permits: tables
// propose, the gates decide, on images that the proposals have not seen.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/base/progress.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"

namespace togglewise::mapping {

struct SearchParams {
  config::HardwareConfig::MappingPermissions allow;
  // The first ones of the traces propose, the next ones judge.
  int proposing_images = 16;
  int judging_images = 2;
  std::uint64_t seed = 1;
  int threads = 1;
};

// One trick, tried on top of those before it. Energies are femtojoules per image at fidelity `gate`
// on the judging images.
struct TrickResult {
  std::string trick;  // as in config::mapping_permission_names()
  bool kept = false;
  energy::EnergyBreakdown before, after;  // `after` also where it was not kept
};

struct LayerSearchResult {
  std::string layer;
  network::LayerMapping mapping;
  std::vector<TrickResult> tricks;  // in the order in which they were tried
  energy::EnergyBreakdown natural, mapped;
};

struct SearchResult {
  std::vector<LayerSearchResult> layers;
  std::int32_t partial_sum_offset = 0;
  // Whether any column is negated: then all accumulators can subtract, and their energy is counted.
  bool negates = false;
};

// How an interrupted search goes on: `recall` fills in what an earlier run found of a layer, `keep`
// is called with every result, from any thread but never at the same time.
struct SearchMemory {
  std::function<bool(std::size_t layer, LayerSearchResult&)> recall;
  std::function<void(std::size_t layer, const LayerSearchResult&)> keep;
};

// `traces` hold at least proposing + judging images of every layer, in their natural mapping;
// images are streamed one by one. The tables are of the same hardware. Never worse than the natural
// mapping on the judging images, summed over the layers. The same result for any number of threads.
// Throws TW-MAP-010 where there are too few images.
SearchResult search_mapping(const energy::MacHardware& hardware, const network::Traces& traces,
                            const energy::EnergyTables& tables, const SearchParams& params,
                            const SearchMemory& memory = {},
                            const ProgressFunction& progress = no_progress);

}  // namespace togglewise::mapping
