// A network's forward pass in libtorch, interpreted from its geometry; parameters live apart, so
// that a shard or a projection can put others in their place.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// Tensors of the GEMM layers in order: weights [out][in][kernel row][kernel column], biases [out].
struct Parameters {
  std::vector<torch::Tensor> weights;
  std::vector<torch::Tensor> biases;

  // Weight, bias, weight, bias, …: the order of gradients and of optimizer states.
  std::vector<torch::Tensor> all() const;
  static Parameters from_all(const std::vector<torch::Tensor>& tensors);

  Parameters clone() const;
  // The same memory seen as leaves of a graph of their own: shards never share autograd state.
  Parameters as_leaves() const;
};

// He's uniform initialization, biases 0; the same on every platform.
Parameters random_parameters(const network::QuantizedNetwork& geometry, std::uint64_t seed);

// Weights value · scale and biases of an integer network, as real numbers.
Parameters dequantized_parameters(const network::QuantizedNetwork& network);

// Logits [image][class] of images [image][channel][row][column]. `activation_scales` has one scale
// for each GEMM layer's output (0 for the last): activations are then quantized as the integer
// network does; without it the network computes in real numbers.
torch::Tensor forward(const network::QuantizedNetwork& geometry, const Parameters& parameters,
                      const torch::Tensor& images, const std::vector<float>& activation_scales);

// What the layers after each GEMM layer consume (after ReLU and pooling, before quantization), for
// the choice of scales; nothing for the last layer.
std::vector<torch::Tensor> layer_outputs(const network::QuantizedNetwork& geometry,
                                         const Parameters& parameters, const torch::Tensor& images);

}  // namespace togglewise::compress
