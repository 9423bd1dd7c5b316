// One pass over the training images: what float training, quantization-aware training and the
// trials of compression have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compress/run/gradient_shards.h"
#include "compress/run/sgd.h"
#include "compress/schedule/learning_rate.h"
#include "sim/base/progress.h"

namespace togglewise::compress {

struct EpochParams {
  int batch_size = 128;
  ShardPlan plan;
  LearningRateSchedule learning_rate;
  AugmentationParams augmentation;
  Precision precision = Precision::float32;
  torch::Device device = torch::kCPU;
  std::uint64_t seed = 1;
  int epochs = 1;  // of the whole run: progress is measured against it
};

struct EpochStats {
  double learning_rate = 0;  // of the last step
  double mean_loss = 0;
  std::size_t correct = 0;  // under the parameters of each step
  std::size_t images = 0;
};

// What training changes.
struct TrainingState {
  Parameters parameters;
  BatchStatistics statistics;  // a running mean over the steps
};

// What a step computes with in place of the trained weights; gradients are applied to the latter
// (straight-through estimator, Bengio et al. 2013).
struct StepWeights {
  std::vector<torch::Tensor> weights;
  // [layer][channel], when `weights` are whole numbers; null: they are real.
  const std::vector<std::vector<float>>* scale = nullptr;
};

// A pass of a step: batches are normalized by themselves. All arguments must outlive it.
ForwardInput step_input(const StepWeights& weights, const Parameters& parameters,
                        Precision precision, torch::Device device);

// `progress` in [0, 1) is the finished share of all epochs.
using Projection = std::function<StepWeights(const TrainingState& state, double progress)>;

// Trains `state` in place on the images `train` of `dataset`. The last, smaller batch of an epoch
// is left out: its noisy gradient would weigh as much as a full one. Throws TW-TRAIN-003, naming
// the first layer whose gradient is not a number, when training diverges: then `state` is of no
// use.
EpochStats train_epoch(const TrainableNetwork& network, const network::Dataset& dataset,
                       const std::vector<std::size_t>& train, const LossFunction& loss,
                       const Projection& projection, const EpochParams& params, int epoch,
                       TrainingState& state, Sgd& optimizer, const std::string& step_name,
                       const ProgressFunction& progress = no_progress);

}  // namespace togglewise::compress
