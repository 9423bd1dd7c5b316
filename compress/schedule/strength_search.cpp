#include "compress/schedule/strength_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace togglewise::compress {

namespace {

// A straight line through noisy drops may point right beside an old trial: stay this share of the
// enclosure away from its ends.
constexpr double margin = 0.2;

// Where in the range the first trial lies. Rather mild: what is stronger can go on from it.
constexpr double first_share = 0.25;

}  // namespace

StrengthSearch::StrengthSearch(StrengthRange range, std::vector<double> limits)
    : range_(std::move(range)), limits_(std::move(limits)) {}

double StrengthSearch::coordinate(double strength) const {
  return range_.geometric ? std::log(strength) : strength;
}

double StrengthSearch::strength_at(double coordinate) const {
  return range_.geometric ? std::exp(coordinate) : coordinate;
}

void StrengthSearch::report(double strength, double drop_points) {
  const auto place = std::find_if(trials_.begin(), trials_.end(),
                                  [&](const Trial& trial) { return trial.strength >= strength; });
  trials_.insert(place, {strength, drop_points});
}

std::optional<double> StrengthSearch::next() const {
  if (!range_.steps.empty()) return next_step();
  const double low = coordinate(range_.low);
  const double high = coordinate(range_.high);
  if (trials_.empty()) return strength_at(low + first_share * (high - low));
  const double width = high - low;
  double widest = -1;
  double best = 0;
  for (const double limit : limits_) {
    // The mildest trial beyond the limit; what is milder and keeps it lies to its left.
    const auto refused = std::find_if(trials_.begin(), trials_.end(),
                                      [&](const Trial& trial) { return trial.drop > limit; });
    double enclosure = 0;
    double at = 0;
    if (refused == trials_.end()) {
      const double from = coordinate(trials_.back().strength);
      enclosure = std::max(high - from, 0.5 * width);
      at = from + 0.5 * enclosure;
    } else if (refused == trials_.begin()) {
      const double to = coordinate(refused->strength);
      enclosure = std::max(to - low, 0.5 * width);
      at = to - 0.5 * enclosure;
    } else {
      const Trial& kept = *(refused - 1);
      const double from = coordinate(kept.strength);
      enclosure = coordinate(refused->strength) - from;
      const double share = (limit - kept.drop) / (refused->drop - kept.drop);
      at = from + enclosure * std::clamp(share, margin, 1.0 - margin);
    }
    if (enclosure > widest) {
      widest = enclosure;
      best = at;
    }
  }
  return strength_at(best);
}

// Mildest first, until one is beyond every limit.
std::optional<double> StrengthSearch::next_step() const {
  const double loosest = *std::max_element(limits_.begin(), limits_.end());
  for (const Trial& trial : trials_) {
    if (trial.drop > loosest) return std::nullopt;
  }
  if (trials_.size() >= range_.steps.size()) return std::nullopt;
  return range_.steps[trials_.size()];
}

}  // namespace togglewise::compress
