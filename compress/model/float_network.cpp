#include "compress/model/float_network.h"

#include <ATen/ATen.h>
#include <cmath>
#include <functional>

#include "compress/model/max_pool.h"
#include "compress/quantize/fake_quantization.h"
#include "sim/base/random.h"

namespace togglewise::compress {

using network::GemmLayer;
using network::MaxPool;
using network::QuantizedNetwork;

namespace {

std::vector<std::int64_t> weight_shape(const GemmLayer& layer) {
  return {layer.output.channels, layer.input.channels / layer.groups, layer.window.kernel_height,
          layer.window.kernel_width};
}

// A fully connected layer is a 1x1 convolution on a 1x1 feature map: oneDNN computes it, where
// at::linear would fall to Debian's unblocked reference BLAS.
torch::Tensor convolve(const GemmLayer& layer, const torch::Tensor& x, const torch::Tensor& weights,
                       const torch::Tensor& bias) {
  const network::Window& window = layer.window;
  const std::vector<std::int64_t> stride{window.stride_height, window.stride_width};
  const std::vector<std::int64_t> dilation{window.dilation_height, window.dilation_width};
  std::vector<std::int64_t> padding{window.pad_top, window.pad_left};
  torch::Tensor input = x;
  if (window.pad_top != window.pad_bottom || window.pad_left != window.pad_right) {
    input = at::constant_pad_nd(
        x, {window.pad_left, window.pad_right, window.pad_top, window.pad_bottom}, 0);
    padding = {0, 0};
  }
  return at::conv2d(input, weights, bias, stride, padding, dilation, layer.groups);
}

// Called with the index of a GEMM layer and its result, after pooling and before its activation.
using Activation =
    std::function<torch::Tensor(const GemmLayer&, std::size_t, const torch::Tensor&)>;

torch::Tensor walk(const QuantizedNetwork& geometry, const Parameters& parameters, torch::Tensor x,
                   const Activation& activation) {
  std::size_t gemm = 0;
  for (std::size_t n = 0; n < geometry.nodes.size(); ++n) {
    if (std::holds_alternative<network::Flatten>(geometry.nodes[n].operation)) {
      x = x.reshape({x.size(0), -1, 1, 1});
    } else if (const auto* pool = std::get_if<MaxPool>(&geometry.nodes[n].operation)) {
      x = max_pool(x, pool->window.kernel_height, pool->window.stride_height);
    } else {
      const auto& layer = std::get<GemmLayer>(geometry.nodes[n].operation);
      x = convolve(layer, x, parameters.weights[gemm], parameters.biases[gemm]);
      // ReLU and rounding are monotonic, so that pooling first gives the same values with a
      // fraction of the work.
      while (n + 1 < geometry.nodes.size() &&
             std::holds_alternative<MaxPool>(geometry.nodes[n + 1].operation)) {
        const auto& next = std::get<MaxPool>(geometry.nodes[++n].operation);
        x = max_pool(x, next.window.kernel_height, next.window.stride_height);
      }
      x = activation(layer, gemm, x);
      ++gemm;
    }
  }
  return x.flatten(1);
}

}  // namespace

std::vector<torch::Tensor> Parameters::all() const {
  std::vector<torch::Tensor> tensors;
  for (std::size_t l = 0; l < weights.size(); ++l) {
    tensors.push_back(weights[l]);
    tensors.push_back(biases[l]);
  }
  return tensors;
}

Parameters Parameters::from_all(const std::vector<torch::Tensor>& tensors) {
  Parameters parameters;
  for (std::size_t i = 0; i + 1 < tensors.size(); i += 2) {
    parameters.weights.push_back(tensors[i]);
    parameters.biases.push_back(tensors[i + 1]);
  }
  return parameters;
}

Parameters Parameters::clone() const {
  std::vector<torch::Tensor> tensors;
  for (const torch::Tensor& t : all()) tensors.push_back(t.detach().clone());
  return from_all(tensors);
}

Parameters Parameters::as_leaves() const {
  std::vector<torch::Tensor> tensors;
  for (const torch::Tensor& t : all()) tensors.push_back(t.detach().requires_grad_());
  return from_all(tensors);
}

Parameters random_parameters(const QuantizedNetwork& geometry, std::uint64_t seed) {
  Random random(seed);
  Parameters parameters;
  for (const GemmLayer* layer : geometry.gemm_layers()) {
    torch::Tensor weight = torch::empty(weight_shape(*layer));
    const double bound = std::sqrt(6.0 / layer->gemm().reduction);
    float* values = weight.data_ptr<float>();
    for (std::int64_t i = 0; i < weight.numel(); ++i) {
      values[i] = static_cast<float>((2.0 * random.unit() - 1.0) * bound);
    }
    parameters.weights.push_back(weight);
    parameters.biases.push_back(torch::zeros({layer->output.channels}));
  }
  return parameters;
}

Parameters dequantized_parameters(const QuantizedNetwork& network) {
  Parameters parameters;
  for (const GemmLayer* layer : network.gemm_layers()) {
    torch::Tensor weight = torch::empty(weight_shape(*layer));
    torch::Tensor bias = torch::empty({layer->output.channels});
    const std::size_t channels = layer->weight_scale.size();
    const std::size_t per_channel = layer->weights.size() / channels;
    for (std::size_t i = 0; i < layer->weights.size(); ++i) {
      weight.data_ptr<float>()[i] = layer->weight_scale[i / per_channel] * layer->weights[i];
    }
    for (std::size_t c = 0; c < channels; ++c) {
      bias.data_ptr<float>()[c] = static_cast<float>(static_cast<double>(layer->input_scale) *
                                                     layer->weight_scale[c] * layer->bias[c]);
    }
    parameters.weights.push_back(weight);
    parameters.biases.push_back(bias);
  }
  return parameters;
}

torch::Tensor forward(const QuantizedNetwork& geometry, const Parameters& parameters,
                      const torch::Tensor& images, const std::vector<float>& activation_scales) {
  return walk(geometry, parameters, images,
              [&](const GemmLayer& layer, std::size_t gemm, const torch::Tensor& x) {
                const float scale = activation_scales.empty() ? 0.0F : activation_scales[gemm];
                if (scale > 0) return quantize_activation(x, scale, layer.relu);
                return layer.relu ? at::relu(x) : x;
              });
}

std::vector<torch::Tensor> layer_outputs(const QuantizedNetwork& geometry,
                                         const Parameters& parameters,
                                         const torch::Tensor& images) {
  std::vector<torch::Tensor> outputs;
  walk(geometry, parameters, images,
       [&](const GemmLayer& layer, std::size_t, const torch::Tensor& x) {
         outputs.push_back((layer.relu ? at::relu(x) : x).contiguous());
         return outputs.back();
       });
  outputs.pop_back();
  return outputs;
}

}  // namespace togglewise::compress
