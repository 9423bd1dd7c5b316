// A network's forward pass in libtorch, interpreted from its graph: in real numbers, or with
// weights and activations on their int8 grids exactly as the integer network computes.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include <torch/types.h>

#include "compress/model/parameters.h"
#include "compress/model/precision.h"
#include "sim/graph/float_network.h"
#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// What one pass computes with.
struct ForwardInput {
  // In real numbers; or, with `weight_scale`, whole numbers w/scale. In the pass's precision (see
  // compute_type) or in 32 bits.
  const std::vector<torch::Tensor>* weights = nullptr;
  // [layer][channel]; null: real numbers everywhere, activations are not rounded.
  const std::vector<std::vector<float>>* weight_scale = nullptr;
  const Parameters* parameters = nullptr;  // gains and biases
  // Null: every batch is normalized by itself, as in training.
  const BatchStatistics* statistics = nullptr;
  Precision precision = Precision::float32;
  torch::Device device = torch::kCPU;  // where the pass computes; tensors are brought there
  bool measures = false;               // mean and variance also of layers without batch norm
};

struct ForwardResult {
  torch::Tensor logits;  // [image][class], 32 bits
  // Of layers with batch norm: what they were normalized by.
  BatchStatistics batch;
  // [node] results in real numbers, where `keep_results` asked for them.
  std::vector<torch::Tensor> results;
};

class TrainableNetwork {
 public:
  // Geometry and scales of an int8 network: passes in real numbers clamp where it has a ReLU, and
  // where it clamps below 127.
  explicit TrainableNetwork(network::QuantizedNetwork network);
  // A float network, as graph::import_onnx() gives it; without scales, so in real numbers only.
  explicit TrainableNetwork(const graph::FloatNetwork& network);

  // Bounds on a node's result in real numbers.
  struct Clamp {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
  };

  const network::QuantizedNetwork& network() const { return network_; }
  const Clamp& clamp(std::size_t node) const { return clamps_[node]; }
  void set_normalization(const network::InputNormalization& normalization) {
    network_.normalization = normalization;
  }

  // Images [image][channel][row][column]: activations of the network's input (whole numbers) with
  // `weight_scale`, else normalized pixels.
  ForwardResult forward(const ForwardInput& input, const torch::Tensor& images,
                        bool keep_results = false) const;

 private:
  class Pass;

  void plan();

  network::QuantizedNetwork network_;
  std::vector<Clamp> clamps_;     // [node]
  std::vector<float> scales_;     // [node]: of its result; 0: none
  std::vector<int> gemm_index_;   // [node]: which GEMM layer it is, or −1
  std::vector<int> fused_into_;   // [node]: the Add that this layer is computed with, or −1
  std::vector<int> fused_layer_;  // [node]: the layer that this Add is computed with, or −1
  std::vector<int> last_use_;     // [node]: the last node that reads its result
};

}  // namespace togglewise::compress
