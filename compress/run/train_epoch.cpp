#include "compress/run/train_epoch.h"

#include <algorithm>
#include <cmath>

#include "sim/base/error.h"

namespace togglewise::compress {

EpochStats train_epoch(const network::QuantizedNetwork& geometry, const TrainingData& data,
                       const LossFunction& loss, const Projection& projection,
                       const std::vector<float>& activation_scales, const EpochParams& params,
                       int epoch, Parameters& trained, Sgd& optimizer, const std::string& step_name,
                       const ProgressFunction& progress) {
  const std::vector<std::size_t> order = epoch_order(data.split.train, params.seed, epoch);
  const std::size_t batch = std::min(order.size(), static_cast<std::size_t>(params.batch_size));
  const std::size_t steps = order.size() / batch;
  EpochStats stats;
  for (std::size_t step = 0; step < steps; ++step) {
    const double done =
        (epoch + static_cast<double>(step) / static_cast<double>(steps)) / params.epochs;
    stats.learning_rate = params.learning_rate.at(done);
    const ShardGradient gradient = combine_shards(
        shard_gradients(geometry, projection(trained, done), activation_scales, data.images,
                        order.data() + step * batch, batch, loss, params.plan));
    optimizer.step(gradient.gradients, stats.learning_rate);
    stats.mean_loss += gradient.loss;
    stats.correct += gradient.correct;
    stats.images += gradient.images;
    progress(step_name, step + 1, steps);
  }
  stats.mean_loss /= static_cast<double>(stats.images);
  if (!std::isfinite(stats.mean_loss)) {
    throw Error::run("TW-TRAIN-003", "training diverged in epoch " + std::to_string(epoch + 1) +
                                         ": the loss is not a number any more")
        .hint("lower the learning_rate in the workload");
  }
  return stats;
}

}  // namespace togglewise::compress
