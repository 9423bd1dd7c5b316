// The report's headline and the proof in RTL.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

void add_headline(Page& page, const ResultFiles& results);  // title, subtitle and cards
void add_lockstep_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
