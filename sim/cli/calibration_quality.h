// What energy tables are worth: precision, sparse cells, error on layers that a fit has not seen.
#pragma once

#include <string>

#include "sim/energy/energy_tables.h"
#include "sim/report/result_json.h"

namespace togglewise::cli {

report::Json quality_json(const energy::EnergyTables& tables);
std::string quality_text(const energy::EnergyTables& tables);

}  // namespace togglewise::cli
