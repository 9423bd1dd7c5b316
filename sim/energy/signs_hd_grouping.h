// Grouping `signs-hd`: signs of the partial sums beside their distance.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

inline const GroupingDescription kSignsHd{
    "signs-hd", "(a0=0, a1=0) x HD(a) x (p0<0, p1<0) x HD(p)/3",
    parts_of<GroupingPartOf<ZeroFlagsAndDistance, Both<Signs, CoarseDistance<3>>>>};

}  // namespace togglewise::energy
