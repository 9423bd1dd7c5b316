// From sums and counts per cell to energies: sparse cells borrow from the others.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/energy/transition_grouping.h"

namespace togglewise::energy {

// `sum_fj` and `count` are [256][cells]. Result [256][cells]:
//   T[w][k] = (sum + s·prior) / (count + s),  prior = ratio[w] · G[k]
// G[k] is the mean of cell k over all weights; where no weight reached the cell, the product of its
// activation group's and its partial-sum group's mean over the global mean. ratio[w] = Σ sum / Σ
// count·G.
std::vector<double> shrunk_means(const GroupingPart& part, const std::vector<double>& sum_fj,
                                 const std::vector<std::int32_t>& count, double prior_strength);

}  // namespace togglewise::energy
