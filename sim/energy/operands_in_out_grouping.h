// Grouping `operands-in-out`: distances of both partial sums, each by itself.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

inline const GroupingDescription kOperandsInOut{
    "operands-in-out", "T1[a0][a1] + R[a0=0, a1=0][p0<0, p1<0][HD(p in)/2][HD(p out)/2]",
    parts_of<OperandsPart,
             GroupingPartOf<ZeroFlags, Both<Signs, CoarseDistance<2>>, CoarseDistance<2>>>};

}  // namespace togglewise::energy
