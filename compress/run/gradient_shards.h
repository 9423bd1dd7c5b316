// The gradient of a batch, the same to the last bit for any number of threads: the batch is cut
// into a fixed number of shards, each computed by one thread, and their gradients are summed in
// the order of the shards. Batch norm normalizes each shard by itself.
#pragma once

#include <cstddef>
#include <vector>

#include <torch/types.h>

#include "compress/model/trainable_network.h"
#include "compress/run/loss.h"

namespace togglewise::compress {

// libtorch's threads would split sums by their number; every worker has to ask for one itself.
void compute_single_threaded();

struct ShardPlan {
  int shards = 4;
  int threads = 1;
};

struct ShardGradient {
  // In the order of Parameters::all(), 32 bits; of weights in real numbers, also where the pass
  // computed with whole ones.
  std::vector<torch::Tensor> gradients;
  BatchStatistics batch;
  double loss = 0;          // sum over the images
  std::size_t correct = 0;  // images whose largest logit is their label's
  std::size_t images = 0;
};

// A training batch: images of `dataset` and where in the epoch they lie.
struct BatchSource {
  const network::Dataset* dataset = nullptr;
  const std::size_t* images = nullptr;
  std::size_t count = 0;
  AugmentedEpoch augmentation;
  std::size_t position = 0;
};

// One result a shard; empty shards (batches smaller than the number of shards) are left out.
std::vector<ShardGradient> shard_gradients(const TrainableNetwork& network,
                                           const ForwardInput& input, const BatchSource& source,
                                           const LossFunction& loss, const ShardPlan& plan);

// The mean over the images of all shards: gradients and statistics; losses and counts are summed.
ShardGradient combine_shards(const std::vector<ShardGradient>& shards);

}  // namespace togglewise::compress
