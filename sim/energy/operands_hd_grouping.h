// Grouping `operands-hd`: every pair of activations, corrected by the partial sum's distance.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

inline const GroupingDescription kOperandsHd{
    "operands-hd", "T1[a0][a1] + R[a0=0, a1=0][HD(p)]",
    parts_of<OperandsPart, GroupingPartOf<ZeroFlags, Distance>>};

}  // namespace togglewise::energy
