// Grouping `operands-signs-hd`: the same with signs.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

inline const GroupingDescription kOperandsSignsHd{
    "operands-signs-hd", "T1[a0][a1] + R[a0=0, a1=0][p0<0, p1<0][HD(p)]",
    parts_of<OperandsPart, GroupingPartOf<ZeroFlags, Both<Signs, Distance>>>};

}  // namespace togglewise::energy
