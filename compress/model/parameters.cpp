#include "compress/model/parameters.h"

#include <ATen/ATen.h>
#include <cmath>

#include "sim/base/random.h"

namespace togglewise::compress {

namespace {

constexpr float smallest_gain = 1e-5F;

}  // namespace

std::vector<torch::Tensor> Parameters::all() const {
  std::vector<torch::Tensor> tensors;
  for (std::size_t l = 0; l < weights.size(); ++l) {
    tensors.push_back(weights[l]);
    tensors.push_back(gains[l]);
    tensors.push_back(biases[l]);
  }
  return tensors;
}

Parameters Parameters::from_all(const std::vector<torch::Tensor>& tensors) {
  Parameters parameters;
  for (std::size_t i = 0; i + 2 < tensors.size(); i += 3) {
    parameters.weights.push_back(tensors[i]);
    parameters.gains.push_back(tensors[i + 1]);
    parameters.biases.push_back(tensors[i + 2]);
  }
  return parameters;
}

Parameters Parameters::clone() const {
  std::vector<torch::Tensor> tensors;
  for (const torch::Tensor& t : all()) tensors.push_back(t.detach().clone());
  return from_all(tensors);
}

Parameters random_parameters(const network::QuantizedNetwork& geometry, std::uint64_t seed,
                             bool batch_norm) {
  Random random(seed);
  Parameters parameters;
  for (const network::GemmLayer* layer : geometry.gemm_layers()) {
    torch::Tensor weight =
        torch::empty({layer->output.channels, layer->input.channels / layer->groups,
                      layer->window.kernel_height, layer->window.kernel_width});
    const double bound = std::sqrt(6.0 / layer->gemm().reduction);
    float* values = weight.data_ptr<float>();
    for (std::int64_t i = 0; i < weight.numel(); ++i) {
      values[i] = static_cast<float>((2.0 * random.unit() - 1.0) * bound);
    }
    const bool normalized = batch_norm && !layer->fully_connected;
    parameters.weights.push_back(weight);
    parameters.gains.push_back(torch::ones({normalized ? layer->output.channels : 0}));
    parameters.biases.push_back(torch::zeros({layer->output.channels}));
  }
  return parameters;
}

BatchStatistics unit_statistics(const Parameters& parameters) {
  BatchStatistics statistics;
  for (const torch::Tensor& gain : parameters.gains) {
    const auto channels = static_cast<std::size_t>(gain.numel());
    statistics.mean.emplace_back(channels, 0.0F);
    statistics.variance.emplace_back(channels, 1.0F);
  }
  return statistics;
}

ChannelAffine channel_affine(const Parameters& parameters, const BatchStatistics& statistics,
                             std::size_t layer, std::size_t channel) {
  ChannelAffine result;
  result.shift = parameters.biases[layer].data_ptr<float>()[channel];
  if (!parameters.has_batch_norm(layer)) return result;
  const double deviation =
      std::sqrt(static_cast<double>(statistics.variance[layer][channel]) + batch_norm_epsilon);
  result.scale = parameters.gains[layer].data_ptr<float>()[channel] / deviation;
  result.shift -= result.scale * statistics.mean[layer][channel];
  return result;
}

void keep_gains_positive(Parameters& parameters) {
  const torch::NoGradGuard no_gradients;
  for (torch::Tensor& gain : parameters.gains) gain.clamp_min_(smallest_gain);
}

}  // namespace togglewise::compress
