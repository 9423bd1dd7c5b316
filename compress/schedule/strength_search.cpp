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

// Of the range: trials nearer to each other differ by chance. With ResNet-20 that is 0.8 points of
// energy and 0.1 of accuracy, where equally strong trials scatter by 0.2.
constexpr double negligible_share = 0.04;

double normal_probability_below(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace

StrengthSearch::StrengthSearch(StrengthRange range, std::vector<double> limits)
    : range_(std::move(range)), limits_(std::move(limits)) {}

double StrengthSearch::coordinate(double strength) const {
  return range_.geometric ? std::log(strength) : strength;
}

double StrengthSearch::strength_at(double coordinate) const {
  return range_.geometric ? std::exp(coordinate) : coordinate;
}

double StrengthSearch::width() const { return coordinate(range_.high) - coordinate(range_.low); }

void StrengthSearch::report(double strength, double drop_points, double standard_error_points) {
  const auto place = std::find_if(trials_.begin(), trials_.end(),
                                  [&](const Trial& trial) { return trial.strength >= strength; });
  trials_.insert(place, {strength, drop_points, standard_error_points});
}

StrengthSearch::Proposal StrengthSearch::between_kept_and_refused(double limit) const {
  // The mildest trial beyond the limit; what is milder and keeps it lies to its left.
  const auto refused = std::find_if(trials_.begin(), trials_.end(),
                                    [&](const Trial& trial) { return trial.drop > limit; });
  if (refused == trials_.end()) {
    const double from = coordinate(trials_.back().strength);
    const double enclosure = std::max(coordinate(range_.high) - from, 0.5 * width());
    return {from + 0.5 * enclosure, enclosure};
  }
  if (refused == trials_.begin()) {
    const double to = coordinate(refused->strength);
    const double enclosure = std::max(to - coordinate(range_.low), 0.5 * width());
    return {to - 0.5 * enclosure, enclosure};
  }
  const Trial& kept = *(refused - 1);
  const double from = coordinate(kept.strength);
  const double enclosure = coordinate(refused->strength) - from;
  const double share = (limit - kept.drop) / (refused->drop - kept.drop);
  return {from + enclosure * std::clamp(share, margin, 1.0 - margin), enclosure};
}

// Half-way between two trials, where strength beyond the strongest that keeps a limit, times the
// probability of keeping it there, is most. Nothing if that is no more than `least_gain`.
std::optional<double> StrengthSearch::by_chance(double least_gain) const {
  double most = least_gain;
  std::optional<double> best;
  for (const double limit : limits_) {
    const auto kept = std::find_if(trials_.rbegin(), trials_.rend(),
                                   [&](const Trial& trial) { return trial.drop <= limit; });
    if (kept == trials_.rend()) continue;
    const double from = coordinate(kept->strength);
    for (auto above = kept.base(); above != trials_.end(); ++above) {
      const Trial& below = *(above - 1);
      const double left = coordinate(below.strength);
      const double right = coordinate(above->strength);
      const double chance = 0.5 * (below.standard_error + above->standard_error);
      if (right - left < negligible_share * width() || chance <= 0) continue;
      const double drop = 0.5 * (below.drop + above->drop);
      const double at = 0.5 * (left + right);
      const double gain = (at - from) * normal_probability_below((limit - drop) / chance);
      if (gain <= most) continue;
      most = gain;
      best = at;
    }
  }
  return best;
}

std::optional<double> StrengthSearch::next() const {
  if (!range_.steps.empty()) return next_step();
  if (trials_.empty()) return strength_at(coordinate(range_.low) + first_share * width());
  Proposal widest{0, -1};
  for (const double limit : limits_) {
    const Proposal proposal = between_kept_and_refused(limit);
    if (proposal.enclosure > widest.enclosure) widest = proposal;
  }
  if (widest.enclosure < negligible_share * width()) {
    // Within the enclosure the gain is half of it, with even odds.
    const std::optional<double> at = by_chance(0.25 * widest.enclosure);
    if (at) return strength_at(*at);
  }
  return strength_at(widest.at);
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
