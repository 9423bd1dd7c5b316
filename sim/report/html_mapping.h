// The report's section on mappings: what laying the layers on the array in another way saves.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

void add_mapping_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
