// Progress on stderr: one line that is rewritten on a terminal, a line every quarter elsewhere.
#pragma once

#include <memory>

#include "sim/base/progress.h"

namespace togglewise::cli {

ProgressFunction make_progress_printer();

// "* text" on stderr: what a command is doing now.
void announce(const std::string& text);

}  // namespace togglewise::cli
