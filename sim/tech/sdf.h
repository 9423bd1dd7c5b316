// Delays for other people's simulators: Standard Delay Format 3.0 (IEEE 1497).
#pragma once

#include <filesystem>
#include <string>

#include "sim/tech/delays.h"
#include "sim/tech/netlist.h"

namespace togglewise::tech {

// One IOPATH for every arc, rise then fall, minimum = typical = maximum; registers have theirs from
// the clock pin. Times are in ns: Icarus reads no TIMESCALE but takes the time unit of the cell
// models, which is that almost everywhere. Instance names are those of the Verilog netlist beside
// the JSON that `netlist` was read from, with a backslash before each character that is no letter,
// digit or underscore. Input ports have no cell here: who drives them has to delay them by
// NetlistDelays::launch.
std::string sdf_text(const Netlist& netlist, const NetlistDelays& delays);

void write_sdf(const std::filesystem::path& path, const Netlist& netlist,
               const NetlistDelays& delays);

}  // namespace togglewise::tech
