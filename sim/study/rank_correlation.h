// Spearman's rank correlation.
#pragma once

#include <vector>

namespace togglewise::study {

// Pearson's correlation of the ranks; equal values share the mean of theirs. Not a number when one
// of the two is constant: it ranks nothing.
double rank_correlation(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace togglewise::study
