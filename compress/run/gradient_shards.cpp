#include "compress/run/gradient_shards.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <algorithm>

#include <torch/csrc/autograd/autograd.h>

#include "sim/base/parallel.h"

namespace togglewise::compress {

namespace {

std::size_t count_hits(const torch::Tensor& logits, const Batch& batch) {
  const torch::Tensor rows = logits.detach().cpu().contiguous();
  const std::int64_t classes = rows.size(1);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const float* row = rows.data_ptr<float>() + static_cast<std::int64_t>(i) * classes;
    hits += std::max_element(row, row + classes) - row == batch.dataset->labels[batch.images[i]];
  }
  return hits;
}

// The same memory seen as leaves of a graph of their own: shards never share autograd state.
struct Leaves {
  std::vector<torch::Tensor> weights;
  Parameters parameters;

  explicit Leaves(const ForwardInput& input) {
    for (const torch::Tensor& w : *input.weights) {
      weights.push_back(w.detach().requires_grad_());
    }
    for (std::size_t l = 0; l < weights.size(); ++l) {
      parameters.weights.push_back(weights[l]);
      parameters.gains.push_back(input.parameters->gains[l].detach().requires_grad_());
      parameters.biases.push_back(input.parameters->biases[l].detach().requires_grad_());
    }
  }
};

// d/dw = d/d(w/s) / s for the whole numbers w/s of channels with scale s.
void scale_to_real(const ForwardInput& input, std::vector<torch::Tensor>& gradients) {
  for (std::size_t l = 0; l < input.weights->size(); ++l) {
    torch::Tensor& g = gradients[3 * l];
    g = g.to(torch::kFloat).contiguous();
    if (input.weight_scale == nullptr) continue;
    const std::vector<float>& scale = (*input.weight_scale)[l];
    torch::Tensor inverse = torch::empty({static_cast<std::int64_t>(scale.size()), 1, 1, 1});
    for (std::size_t c = 0; c < scale.size(); ++c) inverse.data_ptr<float>()[c] = 1.0F / scale[c];
    g.mul_(inverse);
  }
}

void add_statistics(const std::vector<std::vector<float>>& from, float share,
                    std::vector<std::vector<float>>& to) {
  to.resize(from.size());
  for (std::size_t l = 0; l < from.size(); ++l) {
    to[l].resize(from[l].size());
    for (std::size_t c = 0; c < from[l].size(); ++c) to[l][c] += share * from[l][c];
  }
}

}  // namespace

void compute_single_threaded() { at::set_num_threads(1); }

std::vector<ShardGradient> shard_gradients(const TrainableNetwork& network,
                                           const ForwardInput& input, const BatchSource& source,
                                           const LossFunction& loss, const ShardPlan& plan) {
  const std::size_t count = source.count;
  const std::size_t shards = std::min(count, static_cast<std::size_t>(std::max(1, plan.shards)));
  std::vector<ShardGradient> results(shards);
  parallel_for(shards, plan.threads, [&](std::size_t s) {
    compute_single_threaded();
    const std::size_t begin = count * s / shards;
    const std::size_t size = count * (s + 1) / shards - begin;
    const Batch batch = make_batch(*source.dataset, source.images + begin, size,
                                   source.augmentation, source.position + begin);
    const Leaves leaves(input);
    ForwardInput leaf_input = input;
    leaf_input.weights = &leaves.weights;
    leaf_input.parameters = &leaves.parameters;
    ForwardResult result = network.forward(
        leaf_input, input_of(batch, network.network(), input.weight_scale != nullptr));
    const torch::Tensor value = loss(result.logits, batch);
    ShardGradient& shard = results[s];
    // Empty gains take no part in the graph.
    shard.gradients =
        torch::autograd::grad({value}, leaves.parameters.all(), {}, c10::nullopt, false, true);
    for (std::size_t i = 0; i < shard.gradients.size(); ++i) {
      if (!shard.gradients[i].defined()) {
        shard.gradients[i] = at::zeros_like(leaves.parameters.all()[i]);
      }
    }
    scale_to_real(input, shard.gradients);
    shard.batch = std::move(result.batch);
    shard.loss = value.item<float>();
    shard.correct = count_hits(result.logits, batch);
    shard.images = size;
  });
  return results;
}

ShardGradient combine_shards(const std::vector<ShardGradient>& shards) {
  ShardGradient total;
  for (const ShardGradient& shard : shards) total.images += shard.images;
  for (const ShardGradient& shard : shards) {
    total.loss += shard.loss;
    total.correct += shard.correct;
    const float share = static_cast<float>(shard.images) / static_cast<float>(total.images);
    add_statistics(shard.batch.mean, share, total.batch.mean);
    add_statistics(shard.batch.variance, share, total.batch.variance);
    if (total.gradients.empty()) {
      for (const torch::Tensor& g : shard.gradients) total.gradients.push_back(g.clone());
    } else {
      for (std::size_t i = 0; i < shard.gradients.size(); ++i) {
        total.gradients[i].add_(shard.gradients[i]);
      }
    }
  }
  for (torch::Tensor& g : total.gradients) g.div_(static_cast<double>(total.images));
  return total;
}

}  // namespace togglewise::compress
