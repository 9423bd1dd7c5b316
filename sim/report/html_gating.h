// What gating saves, as `simulate --gating-study` has measured it.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

// Nothing where there is no such study: most runs have none.
void add_gating_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
