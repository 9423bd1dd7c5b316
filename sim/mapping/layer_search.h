// The search of one layer: trick after trick, each kept where the gates say that it saves energy.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/energy/table_lookup.h"
#include "sim/mapping/mapping_search.h"

namespace togglewise::mapping {

class LayerSearch {
 public:
  // All must outlive it.
  LayerSearch(const energy::MacHardware& hardware, const energy::TableLookup& lookup,
              const SearchParams& params)
      : hardware_(hardware), lookup_(lookup), params_(params) {}

  // `traced` in its natural mapping. The offset is the network's and always kept; `pixel_table` is
  // tried where it is a table.
  LayerSearchResult search(const network::TracedLayer& traced, std::int32_t offset,
                           const network::PixelOrder& pixel_table) const;

  // Per image at fidelity gate, on the judging images, with this mapping; what its memories'
  // accesses cost is added to `memory_fj` where it is given.
  energy::EnergyBreakdown measure(const network::TracedLayer& traced,
                                  const network::LayerMapping& mapping,
                                  double* memory_fj = nullptr) const;

 private:
  class Run;

  const energy::MacHardware& hardware_;
  const energy::TableLookup& lookup_;
  const SearchParams& params_;
};

// Some images of a traced layer.
network::TracedLayer images_of(const network::TracedLayer& traced, int first, int count);

}  // namespace togglewise::mapping
