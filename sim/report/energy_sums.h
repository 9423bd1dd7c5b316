// Totals of a result are what its parts add up to.
#pragma once

#include <string>

#include "sim/report/result_json.h"

namespace togglewise::report {

// Re-adds every network of a result, where it has energies: layers and total from the lines of
// their breakdowns, the total from the layers, and at fidelity `table` the PEs' energy from the
// sums per weight value. Throws TW-REPORT-003, which names `file` and the place.
void require_sums_agree(const Json& result, const std::string& file);

}  // namespace togglewise::report
