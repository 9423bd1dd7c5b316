// How much a weight's value matters: the mean squared gradient of each output channel.
#pragma once

#include <vector>

#include "compress/data/training_data.h"
#include "compress/run/gradient_shards.h"

namespace togglewise::compress {

struct CurvatureParams {
  int batches = 32;
  int batch_size = 128;
  ShardPlan plan;
  // Channels without gradient (dead ones) count as this share of their layer's mean: they may be
  // pruned, but not for free.
  double floor = 1e-3;
};

// F[layer][channel]: the label loss's gradient, averaged over the images of a shard, squared and
// averaged over shards and over the channel's weights (the diagonal of the empirical Fisher
// information up to a factor that all layers share). On training images.
std::vector<std::vector<double>> channel_curvature(const network::QuantizedNetwork& geometry,
                                                   const Parameters& parameters,
                                                   const std::vector<float>& activation_scales,
                                                   const TrainingData& data,
                                                   const CurvatureParams& params);

}  // namespace togglewise::compress
