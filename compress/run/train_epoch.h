// One pass over the training images: what float training, quantization-aware training and the
// trials of compression have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "compress/data/training_data.h"
#include "compress/run/gradient_shards.h"
#include "compress/run/sgd.h"
#include "compress/schedule/learning_rate.h"
#include "sim/base/progress.h"

namespace togglewise::compress {

struct EpochParams {
  int batch_size = 128;
  ShardPlan plan;
  LearningRateSchedule learning_rate;
  std::uint64_t seed = 1;
  int epochs = 1;  // of the whole run: progress is measured against it
};

struct EpochStats {
  double learning_rate = 0;  // of the last step
  double mean_loss = 0;
  std::size_t correct = 0;  // under the parameters of each step
  std::size_t images = 0;
};

// The parameters a step computes with, from the ones that are trained; `progress` in [0, 1) is the
// finished share of all epochs. Gradients of the former are applied to the latter (straight-through
// estimator).
using Projection = std::function<Parameters(const Parameters& trained, double progress)>;

// Trains `trained` in place. The last, smaller batch of an epoch is left out: its noisy gradient
// would weigh as much as a full one. Throws TW-TRAIN-003 when the loss is not a number any more.
EpochStats train_epoch(const network::QuantizedNetwork& geometry, const TrainingData& data,
                       const LossFunction& loss, const Projection& projection,
                       const std::vector<float>& activation_scales, const EpochParams& params,
                       int epoch, Parameters& trained, Sgd& optimizer, const std::string& step_name,
                       const ProgressFunction& progress = no_progress);

}  // namespace togglewise::compress
