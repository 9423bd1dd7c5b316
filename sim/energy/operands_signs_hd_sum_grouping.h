// Grouping `operands-signs-hd-sum`: the partial sum that leaves counts as well: it is the
// adder's output and the register's content.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

inline const GroupingDescription kOperandsSignsHdSum{
    "operands-signs-hd-sum", "T1[a0][a1] + R[a0=0, a1=0][p0<0, p1<0][HD(p in) + HD(p out)]",
    parts_of<OperandsPart,
             GroupingPartOf<ZeroFlags, SignsAndDistanceOfTwo, Distance, Combine::sums>>};

}  // namespace togglewise::energy
