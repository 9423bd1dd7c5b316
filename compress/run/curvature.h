// How much a weight's value matters: the mean squared gradient of each output channel.
#pragma once

#include <vector>

#include "compress/run/gradient_shards.h"

namespace togglewise::compress {

struct CurvatureParams {
  int batches = 32;
  int batch_size = 128;
  ShardPlan plan;
  AugmentationParams augmentation;
  double temperature = 4.0;  // of the answers that labels are drawn from
  // Channels without gradient (dead ones) count as this share of their layer's mean: they may be
  // pruned, but not for free.
  double floor = 1e-3;
};

// F[layer][channel]: the gradient of drawn_label_loss(), averaged over the images of a shard,
// squared and averaged over shards and over the channel's weights (the diagonal of the Fisher
// information up to a factor that all layers share). On the images `train` of `dataset`, under the
// batch norm statistics that `input` must have: weights matter although batch norm would rescale
// them.
std::vector<std::vector<double>> channel_curvature(const TrainableNetwork& network,
                                                   const ForwardInput& input,
                                                   const network::Dataset& dataset,
                                                   const std::vector<std::size_t>& train,
                                                   const CurvatureParams& params);

}  // namespace togglewise::compress
