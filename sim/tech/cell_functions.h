// What a Liberty cell computes: output functions and the flip-flop, or why it cannot be simulated.
#pragma once

#include "sim/tech/cell_library.h"
#include "sim/tech/liberty_values.h"

namespace togglewise::tech {

// Sets flip_flop, the outputs' functions and unsupported_reason; pins, inputs and outputs are there
// already. Throws TW-LIB-003 and -004.
void set_functions(LibraryCell& cell, const LibertyGroup& group, const LibertyValues& values);

}  // namespace togglewise::tech
