#include "compress/quantize/quantized_weights.h"

#include <ATen/ATen.h>
#include <algorithm>

#include "compress/quantize/scales.h"

namespace togglewise::compress {

QuantizedWeights zero_weights(const std::vector<torch::Tensor>& weights) {
  QuantizedWeights result;
  for (const torch::Tensor& tensor : weights) {
    const auto channels = static_cast<int>(tensor.size(0));
    const auto per_channel = static_cast<int>(tensor.numel() / channels);
    result.scale.push_back(weight_scales(tensor.data_ptr<float>(), channels, per_channel));
    result.values.emplace_back(static_cast<std::size_t>(tensor.numel()), std::int8_t{0});
  }
  return result;
}

void round_to_nearest(const std::vector<torch::Tensor>& weights, QuantizedWeights& quantized) {
  for (std::size_t l = 0; l < weights.size(); ++l) {
    const float* w = weights[l].data_ptr<float>();
    const std::vector<float>& scales = quantized.scale[l];
    std::vector<std::int8_t>& values = quantized.values[l];
    const std::size_t per_channel = values.size() / scales.size();
    for (std::size_t c = 0; c < scales.size(); ++c) {
      const float inverse = 1.0F / scales[c];
      for (std::size_t i = c * per_channel; i < (c + 1) * per_channel; ++i) {
        const float x = std::min(127.0F, std::max(-127.0F, w[i] * inverse));
        values[i] = static_cast<std::int8_t>(static_cast<int>(x + 128.5F) - 128);
      }
    }
  }
}

std::vector<torch::Tensor> value_tensors(const QuantizedWeights& weights,
                                         const std::vector<torch::Tensor>& like) {
  std::vector<torch::Tensor> tensors;
  for (std::size_t l = 0; l < like.size(); ++l) {
    torch::Tensor tensor = torch::empty(like[l].sizes());
    std::copy(weights.values[l].begin(), weights.values[l].end(), tensor.data_ptr<float>());
    tensors.push_back(tensor);
  }
  return tensors;
}

}  // namespace togglewise::compress
