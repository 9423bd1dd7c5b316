// The report's section on training: accuracy of the dense network and how it was reached.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

void add_training_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
