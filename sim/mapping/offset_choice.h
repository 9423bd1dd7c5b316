// Which constant enters every column at the top.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/table_lookup.h"
#include "sim/network/traces.h"

namespace togglewise::mapping {

// Offsets worth a try, ascending: 0 and the numbers with every other bit set (…010101), as far as
// no sum can overflow. A number of that kind lies far from all multiples of large powers of two: a
// sum that moves by d from it carries into about log2(d) bits, not into all that extend a sign.
std::vector<std::int32_t> offset_candidates(const array::ArrayShape& shape);

struct OffsetChoiceParams {
  bool signs = true;  // every column has the cheaper one of both signs
  int images = 8;     // of the traces, from the first one on
  std::uint64_t seed = 1;
  int threads = 1;
};

// The one with which a sample of the columns of all layers, in their natural mapping, costs least:
// tables choose four, the gates one of them.
std::int32_t choose_offset(const energy::MacHardware& hardware, const energy::TableLookup& lookup,
                           const network::Traces& traces, const OffsetChoiceParams& params);

}  // namespace togglewise::mapping
