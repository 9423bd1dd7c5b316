// What a run comes to, in a few lines: the end of `togglewise report`.
#pragma once

#include <string>

#include "sim/report/result_files.h"

namespace togglewise::report {

// A table of energies before and after, accuracy and RTL comparisons, from the first result file of
// each command; rows whose file is absent are left out. "" when nothing is left.
std::string summary_text(const ResultFiles& results);

}  // namespace togglewise::report
