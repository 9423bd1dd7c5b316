// One trial of the layer-wise scheme: layers in the order of their energy, each compressed, trained
// for a moment and checked on the images of the limit, then a final training of them all.
#pragma once

#include "compress/run/compress_trial.h"
#include "compress/schedule/layerwise_schedule.h"
#include "compress/select/greedy_sets.h"

namespace togglewise::compress {

struct LayerwiseParams {
  LayerwiseScheduleParams schedule;
  GreedySetParams greedy;
  // Training images, in batches that are normalized by themselves, on which the loss of taking a
  // value away is measured (the loss that training minimizes).
  std::size_t loss_images = 256;
  // The share of the trial's epochs that goes into the layers, an equal part for every attempt if
  // each layer needed one; the rest is the final training. Attempts that fail are not taken off.
  double layer_share = 0.3;
  // The first so many images of the limit are looked at in the checks between layers.
  std::size_t check_images = 2000;
};

// As run_trial(); the strength is the limit in points that the schedule keeps, and `input` needs
// `limit_drop`. The checkpoint is kept after every layer and every epoch of the final training.
std::optional<TrialOutcome> run_layerwise(const TrialInput& input, const TrialParams& params,
                                          const LayerwiseParams& layerwise,
                                          const std::string& step_name,
                                          const ProgressFunction& progress,
                                          const std::function<bool()>& go_on);

}  // namespace togglewise::compress
