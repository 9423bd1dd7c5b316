#include "compress/run/curvature.h"

#include <algorithm>
#include <numeric>

namespace togglewise::compress {

namespace {

void add_squares(const torch::Tensor& gradient, std::vector<double>& channels) {
  const torch::Tensor values = gradient.contiguous();
  const float* g = values.data_ptr<float>();
  const auto per_channel = static_cast<std::size_t>(values.numel()) / channels.size();
  for (std::size_t c = 0; c < channels.size(); ++c) {
    double sum = 0;
    for (std::size_t i = 0; i < per_channel; ++i) {
      const double value = g[c * per_channel + i];
      sum += value * value;
    }
    channels[c] += sum / static_cast<double>(per_channel);
  }
}

}  // namespace

std::vector<std::vector<double>> channel_curvature(const TrainableNetwork& network,
                                                   const ForwardInput& input,
                                                   const network::Dataset& dataset,
                                                   const std::vector<std::size_t>& train,
                                                   const CurvatureParams& params) {
  std::vector<std::vector<double>> curvature;
  for (const torch::Tensor& w : *input.weights) {
    curvature.emplace_back(static_cast<std::size_t>(w.size(0)), 0.0);
  }
  const LossFunction loss = drawn_label_loss(params.temperature);
  const auto batch = static_cast<std::size_t>(params.batch_size);
  std::size_t shards = 0;
  for (std::size_t b = 0; b < static_cast<std::size_t>(params.batches); ++b) {
    const std::size_t begin = b * batch;
    if (begin >= train.size()) break;
    const BatchSource source{&dataset,
                             train.data() + begin,
                             std::min(batch, train.size() - begin),
                             {params.augmentation, 0, 0},
                             begin};
    for (const ShardGradient& shard : shard_gradients(network, input, source, loss, params.plan)) {
      for (std::size_t l = 0; l < curvature.size(); ++l) {
        add_squares(shard.gradients[3 * l] / static_cast<double>(shard.images), curvature[l]);
      }
      ++shards;
    }
  }
  for (std::vector<double>& layer : curvature) {
    const double mean =
        std::accumulate(layer.begin(), layer.end(), 0.0) / static_cast<double>(layer.size());
    // A layer without any gradient: any positive number keeps λ finite, and none is better founded.
    const double smallest = mean > 0 ? params.floor * mean : 1.0;
    for (double& f : layer) {
      f = std::max(f, smallest) / static_cast<double>(std::max<std::size_t>(1, shards));
    }
  }
  return curvature;
}

}  // namespace togglewise::compress
