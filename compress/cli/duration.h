// Lengths of time on the command line.
#pragma once

#include <string>

namespace togglewise::compress {

// Seconds of "90", "90s", "45min", "1.5h"; 0 for "". Throws TW-CLI-040.
double seconds_of(const std::string& text);

}  // namespace togglewise::compress
