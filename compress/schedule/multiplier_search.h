// The search for the one global multiplier μ: geometric bisection. A larger μ saves more energy and
// loses more accuracy; the search closes in on the largest that still meets the limit.
#pragma once

namespace togglewise::compress {

class MultiplierSearch {
 public:
  // The answer is expected in [low, high], 0 < low < high. Neither end is taken for granted: when
  // every trial so far points to the same end, that end moves outward.
  MultiplierSearch(double low, double high);

  double next() const;  // the geometric mean of the bracket
  void report(double multiplier, bool accepted);

  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double low_;
  double high_;
  bool low_met_ = false;   // some trial was accepted
  bool high_met_ = false;  // some trial was refused
};

}  // namespace togglewise::compress
