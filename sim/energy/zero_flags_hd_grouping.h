// Grouping `zero-flags-hd`: few cells, each well populated.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

inline const GroupingDescription kZeroFlagsHd{
    "zero-flags-hd", "(a0=0, a1=0) x HD(a) x HD(p)",
    parts_of<GroupingPartOf<ZeroFlagsAndDistance, Distance>>};

}  // namespace togglewise::energy
