// The report's headline, the proof in RTL, and where every number comes from.
#pragma once

#include "sim/report/html_document.h"
#include "sim/report/result_files.h"

namespace togglewise::report {

void add_headline(Page& page, const ResultFiles& results);  // title, subtitle and cards
void add_lockstep_section(Page& page, const ResultFiles& results);
void add_provenance_section(Page& page, const ResultFiles& results);

}  // namespace togglewise::report
