#include "compress/quantize/quantized_weights.h"

#include <ATen/ATen.h>
#include <algorithm>

#include "compress/quantize/scales.h"

namespace togglewise::compress {

QuantizedWeights nearest_weights(const std::vector<torch::Tensor>& weights) {
  QuantizedWeights result;
  for (const torch::Tensor& tensor : weights) {
    const auto channels = static_cast<int>(tensor.size(0));
    const auto per_channel = static_cast<int>(tensor.numel() / channels);
    const float* w = tensor.data_ptr<float>();
    std::vector<float> scales = weight_scales(w, channels, per_channel);
    std::vector<std::int8_t> values(static_cast<std::size_t>(tensor.numel()));
    for (int c = 0; c < channels; ++c) {
      const float inverse = 1.0F / scales[static_cast<std::size_t>(c)];
      for (int i = 0; i < per_channel; ++i) {
        const std::size_t k = static_cast<std::size_t>(c) * per_channel + i;
        // Ties go up, as in the network's requantization.
        const float x = std::min(127.0F, std::max(-127.0F, w[k] * inverse));
        values[k] = static_cast<std::int8_t>(static_cast<int>(x + 128.5F) - 128);
      }
    }
    result.values.push_back(std::move(values));
    result.scale.push_back(std::move(scales));
  }
  return result;
}

std::vector<torch::Tensor> dequantize(const QuantizedWeights& weights,
                                      const std::vector<torch::Tensor>& like) {
  std::vector<torch::Tensor> tensors;
  for (std::size_t l = 0; l < like.size(); ++l) {
    torch::Tensor tensor = torch::empty(like[l].sizes());
    float* out = tensor.data_ptr<float>();
    const std::vector<std::int8_t>& values = weights.values[l];
    const std::size_t per_channel = values.size() / weights.scale[l].size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      out[i] = weights.scale[l][i / per_channel] * static_cast<float>(values[i]);
    }
    tensors.push_back(tensor);
  }
  return tensors;
}

}  // namespace togglewise::compress
