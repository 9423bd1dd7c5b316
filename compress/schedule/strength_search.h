// The search for the strengths that just keep one or more accuracy limits.
#pragma once

#include <optional>
#include <vector>

#include "compress/select/selection_method.h"

namespace togglewise::compress {

// Drops grow with strength, roughly. For every limit the strongest trial that keeps it and the
// mildest beyond it enclose the answer; the next trial goes where the enclosure is widest, to the
// strength at which a straight line through both drops meets the limit. Once all enclosures are so
// narrow that chance decides within them, it goes where it may gain most: between two trials
// further up, if drops there may keep the limit by chance as well.
class StrengthSearch {
 public:
  // `limits` in points of accuracy; the ends of `range` are a guess: when every trial points beyond
  // one, the search goes there.
  StrengthSearch(StrengthRange range, std::vector<double> limits);

  // Nothing when there is nothing left to try (all steps of a range with steps).
  std::optional<double> next() const;
  // The standard error is what chance does to the drop, in points.
  void report(double strength, double drop_points, double standard_error_points = 0);

 private:
  struct Trial {
    double strength;
    double drop;
    double standard_error;
  };
  // Where the next trial of a limit goes, in coordinates, and how much there is to find out.
  struct Proposal {
    double at;
    double enclosure;
  };

  double coordinate(double strength) const;
  double strength_at(double coordinate) const;
  double width() const;  // of the range, in coordinates
  std::optional<double> next_step() const;
  Proposal between_kept_and_refused(double limit) const;
  std::optional<double> by_chance(double least_gain) const;

  StrengthRange range_;
  std::vector<double> limits_;
  std::vector<Trial> trials_;  // by ascending strength
};

}  // namespace togglewise::compress
