// The learning rate over a run: linear warm-up, then half a cosine down to zero.
#pragma once

namespace togglewise::compress {

struct LearningRateSchedule {
  double peak = 0.05;
  double warm_up = 0.05;  // share of all steps

  // `progress` is the finished share of all steps, in [0, 1).
  double at(double progress) const;
};

}  // namespace togglewise::compress
