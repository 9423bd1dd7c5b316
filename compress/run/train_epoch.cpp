#include "compress/run/train_epoch.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>

#include "compress/data/training_data.h"
#include "sim/base/error.h"

namespace togglewise::compress {

namespace {

constexpr float statistics_momentum = 0.1F;  // share of the newest batch in the running mean

void follow(const std::vector<std::vector<float>>& newest, std::vector<std::vector<float>>& mean) {
  for (std::size_t l = 0; l < mean.size(); ++l) {
    for (std::size_t c = 0; c < mean[l].size(); ++c) {
      mean[l][c] += statistics_momentum * (newest[l][c] - mean[l][c]);
    }
  }
}

// The layer to blame: the last one in the network with a gradient that is not finite, where the
// trouble starts on the way back. "" when all are finite.
std::string layer_out_of_bounds(const TrainableNetwork& network, const ShardGradient& gradient) {
  const std::vector<const network::GemmLayer*> layers = network.network().gemm_layers();
  for (std::size_t l = layers.size(); l-- > 0;) {
    for (std::size_t i = 3 * l; i < 3 * l + 3; ++i) {
      if (!at::isfinite(gradient.gradients[i]).all().item<bool>()) return layers[l]->name;
    }
  }
  return "";
}

void require_finite(const TrainableNetwork& network, const ShardGradient& gradient, int epoch) {
  // The loss of a batch is one number; looking at all gradients is for finding the layer.
  double norm = 0;
  for (const torch::Tensor& g : gradient.gradients) {
    if (g.numel() > 0) norm += g.abs().max().item<float>();
  }
  if (std::isfinite(gradient.loss) && std::isfinite(norm)) return;
  const std::string layer = layer_out_of_bounds(network, gradient);
  throw Error::run("TW-TRAIN-003",
                   "training diverged in epoch " + std::to_string(epoch + 1) +
                       ": the loss is not a number any more" +
                       (layer.empty() ? "" : ", first in the gradient of layer '" + layer + "'"))
      .hint("lower the learning_rate in the workload; checkpoints of finished epochs are kept");
}

}  // namespace

ForwardInput step_input(const StepWeights& weights, const Parameters& parameters,
                        Precision precision, torch::Device device) {
  ForwardInput input;
  input.weights = &weights.weights;
  input.weight_scale = weights.scale;
  input.parameters = &parameters;
  input.precision = precision;
  input.device = device;
  return input;
}

EpochStats train_epoch(const TrainableNetwork& network, const network::Dataset& dataset,
                       const std::vector<std::size_t>& train, const LossFunction& loss,
                       const Projection& projection, const EpochParams& params, int epoch,
                       TrainingState& state, Sgd& optimizer, const std::string& step_name,
                       const ProgressFunction& progress) {
  const std::vector<std::size_t> order = epoch_order(train, params.seed, epoch);
  const std::size_t batch = std::min(order.size(), static_cast<std::size_t>(params.batch_size));
  const std::size_t steps = order.size() / batch;
  EpochStats stats;
  for (std::size_t step = 0; step < steps; ++step) {
    const double done =
        (epoch + static_cast<double>(step) / static_cast<double>(steps)) / params.epochs;
    stats.learning_rate = params.learning_rate.at(done);
    const StepWeights weights = projection(state, done);
    const ForwardInput input =
        step_input(weights, state.parameters, params.precision, params.device);
    const BatchSource source{&dataset,
                             order.data() + step * batch,
                             batch,
                             {params.augmentation, params.seed, epoch},
                             step * batch};
    const ShardGradient gradient =
        combine_shards(shard_gradients(network, input, source, loss, params.plan));
    require_finite(network, gradient, epoch);
    optimizer.step(gradient.gradients, stats.learning_rate);
    keep_gains_positive(state.parameters);
    follow(gradient.batch.mean, state.statistics.mean);
    follow(gradient.batch.variance, state.statistics.variance);
    stats.mean_loss += gradient.loss;
    stats.correct += gradient.correct;
    stats.images += gradient.images;
    progress(step_name, step + 1, steps);
  }
  stats.mean_loss /= static_cast<double>(stats.images);
  return stats;
}

}  // namespace togglewise::compress
