// What training changes: parameters that gradients move, and the statistics batch norm keeps.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// Tensors of the GEMM layers in order: weights [out][in of the group][kernel row][column], gains
// and biases [out]. A layer has batch norm (Ioffe and Szegedy 2015) where its gain is not empty:
//   result = gain·(z − mean)/√(variance + ε) + bias of z = Σ w·a, else result = z + bias.
struct Parameters {
  std::vector<torch::Tensor> weights;
  std::vector<torch::Tensor> gains;
  std::vector<torch::Tensor> biases;

  std::size_t layers() const { return weights.size(); }
  bool has_batch_norm(std::size_t layer) const { return gains[layer].numel() > 0; }

  // Weight, gain (also where it is empty), bias, weight, …: the order of gradients and of optimizer
  // states.
  std::vector<torch::Tensor> all() const;
  static Parameters from_all(const std::vector<torch::Tensor>& tensors);

  Parameters clone() const;
};

// Per GEMM layer and channel, of z in real numbers; empty where a layer has no batch norm.
struct BatchStatistics {
  std::vector<std::vector<float>> mean;
  std::vector<std::vector<float>> variance;
};

constexpr float batch_norm_epsilon = 1e-5F;

// He's uniform initialization, the same on every platform. With `batch_norm` every convolution is
// normalized (gain 1, bias 0); fully connected layers have a bias only.
Parameters random_parameters(const network::QuantizedNetwork& geometry, std::uint64_t seed,
                             bool batch_norm);

// Mean 0 and variance 1 for the layers with batch norm.
BatchStatistics unit_statistics(const Parameters& parameters);

// What batch norm (or a bias alone) does to z of one channel: scale·z + shift.
struct ChannelAffine {
  double scale = 1;
  double shift = 0;
};
ChannelAffine channel_affine(const Parameters& parameters, const BatchStatistics& statistics,
                             std::size_t layer, std::size_t channel);

// Keeps gains above a small positive number: after folding they are scales, which have no sign.
void keep_gains_positive(Parameters& parameters);

}  // namespace togglewise::compress
