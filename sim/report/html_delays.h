// How long the MAC takes with each weight value, and what supply voltage that allows.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

// Of every result of `togglewise delays`: the chart, the network's layers where there is a model,
// and the voltages where the configuration assumes a relation.
void add_delays_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
