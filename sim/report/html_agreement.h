// How far the fast energy estimates are from the certain ones, layer by layer.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

// Compares simulate.json files of one model, array and set of images at several fidelities.
void add_agreement_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
