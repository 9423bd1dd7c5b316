#include "compress/schedule/learning_rate.h"

#include <cmath>

namespace togglewise::compress {

double LearningRateSchedule::at(double progress) const {
  if (progress < warm_up) return peak * progress / warm_up;
  const double pi = std::acos(-1.0);
  return peak * 0.5 * (1.0 + std::cos(pi * (progress - warm_up) / (1.0 - warm_up)));
}

}  // namespace togglewise::compress
