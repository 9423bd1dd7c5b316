#include "compress/run/logits.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>

#include "compress/run/gradient_shards.h"
#include "sim/base/parallel.h"

namespace togglewise::compress {

namespace {

constexpr std::size_t block_size = 250;  // images; keeps feature maps in the cache

ForwardInput input_for(const FloatModel& model) {
  ForwardInput input;
  input.weights = &model.parameters.weights;
  input.parameters = &model.parameters;
  input.statistics = &model.statistics;
  input.precision = model.precision;
  input.device = model.device;
  return input;
}

// The norm of an output channel's weights. Under batch norm it changes no result, but the relative
// size of a training step, learning rate / norm². This one is near that of convolutions which were
// trained with the usual learning rate 0.1 and weight decay 1e-4 (ResNet-20: 1.1 to 2.2), so that
// the usual rates mean what they usually mean; folded networks have any other.
constexpr double channel_norm = 1.75;

// Mean and variance of z are in the statistics; gain and bias take them back.
void normalize_channels(FloatModel& model, std::size_t layer) {
  torch::Tensor& weights = model.parameters.weights[layer];
  const std::int64_t channels = weights.size(0);
  const std::int64_t per_channel = weights.numel() / channels;
  for (std::int64_t c = 0; c < channels; ++c) {
    float* w = weights.data_ptr<float>() + c * per_channel;
    double squares = 0;
    for (std::int64_t i = 0; i < per_channel; ++i) squares += static_cast<double>(w[i]) * w[i];
    const double factor = squares > 0 ? channel_norm / std::sqrt(squares) : 1.0;
    for (std::int64_t i = 0; i < per_channel; ++i) w[i] = static_cast<float>(factor * w[i]);
    float& mean = model.statistics.mean[layer][static_cast<std::size_t>(c)];
    float& variance = model.statistics.variance[layer][static_cast<std::size_t>(c)];
    model.parameters.biases[layer].data_ptr<float>()[c] += mean;
    mean = static_cast<float>(factor * mean);
    variance = static_cast<float>(factor * factor * variance);
    model.parameters.gains[layer].data_ptr<float>()[c] =
        static_cast<float>(std::sqrt(variance + batch_norm_epsilon) / factor);
  }
}

void add_scaled(const std::vector<float>& from, double factor, std::vector<double>& to) {
  to.resize(from.size());
  for (std::size_t c = 0; c < from.size(); ++c) to[c] += factor * from[c];
}

torch::Tensor logits_in(Precision precision, const FloatModel& model, const Batch& batch) {
  const torch::NoGradGuard no_gradients;
  ForwardInput input = input_for(model);
  input.precision = precision;
  return model.network.forward(input, input_of(batch, model.network.network(), false)).logits;
}

}  // namespace

torch::Tensor logits_of(const FloatModel& model, const Batch& batch) {
  return logits_in(model.precision, model, batch);
}

std::vector<std::uint8_t> float_hits(const FloatModel& model, const network::Dataset& dataset,
                                     const std::vector<std::size_t>& images, int threads) {
  const std::size_t blocks = (images.size() + block_size - 1) / block_size;
  std::vector<std::uint8_t> hits(images.size());
  parallel_for(blocks, threads, [&](std::size_t b) {
    compute_single_threaded();
    const std::size_t begin = b * block_size;
    const std::size_t count = std::min(block_size, images.size() - begin);
    const Batch batch = make_batch(dataset, images.data() + begin, count);
    const torch::Tensor logits = logits_in(Precision::float32, model, batch).cpu().contiguous();
    const std::int64_t classes = logits.size(1);
    for (std::size_t i = 0; i < count; ++i) {
      const float* row = logits.data_ptr<float>() + static_cast<std::int64_t>(i) * classes;
      hits[begin + i] =
          std::max_element(row, row + classes) - row == dataset.labels[images[begin + i]];
    }
  });
  return hits;
}

BatchStatistics estimate_statistics(const TrainableNetwork& network, const ForwardInput& input,
                                    const network::Dataset& dataset,
                                    const std::vector<std::size_t>& images, std::size_t batch_size,
                                    const AugmentedEpoch& augmentation, int threads) {
  const std::size_t batches = std::max<std::size_t>(1, images.size() / batch_size);
  std::vector<BatchStatistics> parts(batches);
  ForwardInput by_batch = input;
  by_batch.statistics = nullptr;
  parallel_for(batches, threads, [&](std::size_t b) {
    compute_single_threaded();
    const torch::NoGradGuard no_gradients;
    const std::size_t begin = b * batch_size;
    const std::size_t count = std::min(batch_size, images.size() - begin);
    const Batch batch = make_batch(dataset, images.data() + begin, count, augmentation, begin);
    parts[b] =
        network.forward(by_batch, input_of(batch, network.network(), input.weight_scale != nullptr))
            .batch;
  });
  // The mean of the batches' second moments, less the square of the mean.
  const double share = 1.0 / static_cast<double>(batches);
  BatchStatistics result;
  for (std::size_t l = 0; l < parts[0].mean.size(); ++l) {
    std::vector<double> mean, variance, square;
    for (const BatchStatistics& part : parts) {
      add_scaled(part.mean[l], share, mean);
      add_scaled(part.variance[l], share, variance);
      std::vector<float> squares = part.mean[l];
      for (float& m : squares) m *= m;
      add_scaled(squares, share, square);
    }
    for (std::size_t c = 0; c < mean.size(); ++c) {
      variance[c] += std::max(0.0, square[c] - mean[c] * mean[c]);
    }
    result.mean.emplace_back(mean.begin(), mean.end());
    result.variance.emplace_back(variance.begin(), variance.end());
  }
  return result;
}

void insert_batch_norm(FloatModel& model, const network::Dataset& dataset,
                       const std::vector<std::size_t>& images, std::size_t batch_size,
                       int threads) {
  ForwardInput input = input_for(model);
  input.measures = true;
  const BatchStatistics measured =
      estimate_statistics(model.network, input, dataset, images, batch_size, {}, threads);
  const std::vector<const network::GemmLayer*> layers = model.network.network().gemm_layers();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (layers[l]->fully_connected || model.parameters.has_batch_norm(l)) continue;
    model.parameters.gains[l] = torch::empty_like(model.parameters.biases[l]);
    model.parameters.weights[l] = model.parameters.weights[l].contiguous().clone();
    model.parameters.biases[l] = model.parameters.biases[l].clone();
    model.statistics.mean[l] = measured.mean[l];
    model.statistics.variance[l] = measured.variance[l];
    normalize_channels(model, l);
  }
}

}  // namespace togglewise::compress
