#include "compress/schedule/multiplier_search.h"

#include <cmath>

namespace togglewise::compress {

namespace {

// A bracket this narrow whose one end was never met by a trial was guessed too far to one side.
constexpr double narrow_bracket = 2.5;

}  // namespace

MultiplierSearch::MultiplierSearch(double low, double high) : low_(low), high_(high) {}

double MultiplierSearch::next() const { return std::sqrt(low_ * high_); }

void MultiplierSearch::report(double multiplier, bool accepted) {
  const double width = high_ / low_;
  if (accepted) {
    low_ = multiplier;
    low_met_ = true;
    if (!high_met_ && high_ / low_ < narrow_bracket) high_ *= width;
  } else {
    high_ = multiplier;
    high_met_ = true;
    if (!low_met_ && high_ / low_ < narrow_bracket) low_ /= width;
  }
}

}  // namespace togglewise::compress
