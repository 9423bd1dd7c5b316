// The report's last section: where every number comes from.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

// Files, versions, seeds, hashes, hardware; warns where results are about different networks.
void add_provenance_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
