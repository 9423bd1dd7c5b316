#include "compress/run/gradient_shards.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <algorithm>

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

#include "compress/data/training_data.h"
#include "sim/base/parallel.h"

namespace togglewise::compress {

namespace {

constexpr std::size_t logits_block = 250;  // images; keeps feature maps in the cache

// OpenMP's number of threads belongs to each thread that starts parallel work, so every worker has
// to ask for one itself; libtorch would otherwise split sums by the number of processors.
void compute_single_threaded() { at::set_num_threads(1); }

std::size_t count_hits(const torch::Tensor& logits, const network::Dataset& dataset,
                       const std::size_t* images) {
  const torch::Tensor rows = logits.detach().contiguous();
  const std::int64_t classes = rows.size(1);
  std::size_t hits = 0;
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const float* row = rows.data_ptr<float>() + i * classes;
    hits += std::max_element(row, row + classes) - row == dataset.labels[images[i]];
  }
  return hits;
}

}  // namespace

torch::Tensor image_tensor(const network::Dataset& dataset, const std::size_t* images,
                           std::size_t count) {
  torch::Tensor tensor = torch::empty({static_cast<std::int64_t>(count), dataset.shape.channels,
                                       dataset.shape.height, dataset.shape.width});
  fill_pixels(dataset, images, count, tensor.data_ptr<float>());
  return tensor;
}

LossFunction label_loss(const network::Dataset& dataset) {
  return [&dataset](const torch::Tensor& logits, const std::size_t* images) {
    torch::Tensor labels = torch::empty({logits.size(0)}, torch::kLong);
    for (std::int64_t i = 0; i < logits.size(0); ++i) {
      labels.data_ptr<std::int64_t>()[i] = dataset.labels[images[i]];
    }
    return at::nll_loss(at::log_softmax(logits, 1), labels, {}, at::Reduction::Sum);
  };
}

LossFunction distillation_loss(const torch::Tensor& teacher_logits, double temperature) {
  const torch::Tensor targets = at::softmax(teacher_logits / temperature, 1).contiguous();
  return [targets, temperature](const torch::Tensor& logits, const std::size_t* images) {
    const std::int64_t classes = targets.size(1);
    torch::Tensor rows = torch::empty({logits.size(0), classes});
    for (std::int64_t i = 0; i < logits.size(0); ++i) {
      const float* from = targets.data_ptr<float>() + images[i] * classes;
      std::copy(from, from + classes, rows.data_ptr<float>() + i * classes);
    }
    return -(rows * at::log_softmax(logits / temperature, 1)).sum() * (temperature * temperature);
  };
}

std::vector<ShardGradient> shard_gradients(const network::QuantizedNetwork& geometry,
                                           const Parameters& parameters,
                                           const std::vector<float>& activation_scales,
                                           const network::Dataset& dataset,
                                           const std::size_t* images, std::size_t count,
                                           const LossFunction& loss, const ShardPlan& plan) {
  const std::size_t shards = std::min(count, static_cast<std::size_t>(std::max(1, plan.shards)));
  std::vector<ShardGradient> results(shards);
  parallel_for(shards, plan.threads, [&](std::size_t s) {
    compute_single_threaded();
    const std::size_t begin = count * s / shards;
    const std::size_t size = count * (s + 1) / shards - begin;
    const Parameters leaves = parameters.as_leaves();
    const torch::Tensor logits =
        forward(geometry, leaves, image_tensor(dataset, images + begin, size), activation_scales);
    const torch::Tensor value = loss(logits, images + begin);
    results[s].gradients = torch::autograd::grad({value}, leaves.all());
    results[s].loss = value.item<float>();
    results[s].correct = count_hits(logits, dataset, images + begin);
    results[s].images = size;
  });
  return results;
}

ShardGradient combine_shards(const std::vector<ShardGradient>& shards) {
  ShardGradient total;
  for (const ShardGradient& shard : shards) {
    total.loss += shard.loss;
    total.correct += shard.correct;
    total.images += shard.images;
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

torch::Tensor compute_logits(const network::QuantizedNetwork& geometry,
                             const Parameters& parameters,
                             const std::vector<float>& activation_scales,
                             const network::Dataset& dataset,
                             const std::vector<std::size_t>& images, int threads) {
  const std::size_t blocks = (images.size() + logits_block - 1) / logits_block;
  std::vector<torch::Tensor> results(blocks);
  parallel_for(blocks, threads, [&](std::size_t b) {
    compute_single_threaded();
    const torch::NoGradGuard no_gradients;
    const std::size_t begin = b * logits_block;
    const std::size_t size = std::min(logits_block, images.size() - begin);
    results[b] = forward(geometry, parameters, image_tensor(dataset, images.data() + begin, size),
                         activation_scales);
  });
  if (results.empty()) return torch::empty({0, geometry.classes});
  return at::cat(results);
}

}  // namespace togglewise::compress
