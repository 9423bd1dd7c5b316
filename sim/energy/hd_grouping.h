// Grouping `hd`: Hamming distances alone, without zero flags.
#pragma once

#include "sim/energy/grouping_parts.h"

namespace togglewise::energy {

inline const GroupingDescription kHd{"hd", "HD(a) x HD(p)",
                                     parts_of<GroupingPartOf<ActivationDistance, Distance>>};

}  // namespace togglewise::energy
