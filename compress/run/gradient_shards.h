// The gradient of a batch, the same to the last bit for any number of threads: the batch is cut
// into a fixed number of shards, each computed by one thread, and their gradients are summed in
// the order of the shards.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <torch/types.h>

#include "compress/model/float_network.h"
#include "sim/network/dataset.h"

namespace togglewise::compress {

// Sum (not mean) of the losses of the images whose logits are given. Called from several threads.
using LossFunction =
    std::function<torch::Tensor(const torch::Tensor& logits, const std::size_t* images)>;

// Cross entropy against the labels of `dataset`, which must outlive the function.
LossFunction label_loss(const network::Dataset& dataset);

// Distillation (Hinton et al. 2015) from logits computed beforehand: T²·KL(softmax(teacher/T),
// softmax(student/T)), up to the teacher's entropy, which has no gradient. `teacher_logits` has one
// row for each image of the dataset.
LossFunction distillation_loss(const torch::Tensor& teacher_logits, double temperature);

struct ShardPlan {
  int shards = 4;
  int threads = 1;
};

struct ShardGradient {
  std::vector<torch::Tensor> gradients;  // in the order of Parameters::all()
  double loss = 0;                       // sum over the images
  std::size_t correct = 0;               // images whose largest logit is their label's
  std::size_t images = 0;
};

// One result a shard; empty shards (batches smaller than the number of shards) are left out.
std::vector<ShardGradient> shard_gradients(const network::QuantizedNetwork& geometry,
                                           const Parameters& parameters,
                                           const std::vector<float>& activation_scales,
                                           const network::Dataset& dataset,
                                           const std::size_t* images, std::size_t count,
                                           const LossFunction& loss, const ShardPlan& plan);

// The mean over the images of all shards, as gradients; losses and counts are summed.
ShardGradient combine_shards(const std::vector<ShardGradient>& shards);

// Logits of `images`, in blocks over threads; no gradients.
torch::Tensor compute_logits(const network::QuantizedNetwork& geometry,
                             const Parameters& parameters,
                             const std::vector<float>& activation_scales,
                             const network::Dataset& dataset,
                             const std::vector<std::size_t>& images, int threads);

// Images as the network's input tensor.
torch::Tensor image_tensor(const network::Dataset& dataset, const std::size_t* images,
                           std::size_t count);

}  // namespace togglewise::compress
