// Sections of the report on compression: accuracy against energy, weight values, cost of a weight.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

void add_trials_section(Page& page, const ResultFiles& results);
void add_weights_section(Page& page, const ResultFiles& results);
void add_weight_energy_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
