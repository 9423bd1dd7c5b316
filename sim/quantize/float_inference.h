// Float inference: what the network computes before it is quantized.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/graph/float_network.h"
#include "sim/network/dataset.h"
#include "sim/quantize/float_gemm.h"
#include "sim/quantize/float_operations.h"

namespace togglewise::quantize {

// One tensor of a batch: the result of node `tensor`, or the normalized pixels
// (network::network_input). `values` holds images · size numbers, image by image.
struct TensorView {
  int tensor = network::network_input;
  const float* values = nullptr;
  std::size_t images = 0;
  std::size_t size = 0;
};

using TensorObserver = std::function<void(const TensorView&)>;

// A float network prepared for many images; refers to `network`, which must outlive it and must
// have passed check_float_network(). logits() may be called from several threads at once. Results
// are the same to the last bit for any number of threads on one machine; oneDNN picks its kernels
// by the processor, so that the last bits may differ between machines.
class FloatInference {
 public:
  static constexpr std::size_t batch_size = 8;  // images computed together

  explicit FloatInference(const graph::FloatNetwork& network);

  // Logits [image][class] of at most batch_size images. `observe`, when given, is called for the
  // pixels and then for every node in order.
  std::vector<float> logits(const network::Dataset& dataset, const std::size_t* indices,
                            std::size_t count, const TensorObserver& observe = {}) const;

 private:
  FloatMaps normalized(const network::Dataset& dataset, const std::size_t* indices,
                       std::size_t count) const;

  const graph::FloatNetwork* network_;
  std::vector<std::vector<float>> pixel_values_;  // [channel][pixel 0..255]
  std::vector<FloatGemm> layers_;                 // in the order of the nodes
  std::vector<int> last_use_;                     // [node]: the last node that reads its result
};

// Index of the largest of the `classes` values at `logits`; the lowest index wins ties.
int largest_logit(const float* logits, int classes);

// Correct images among `indices` of `dataset`; the same for any number of threads.
std::size_t count_correct(const graph::FloatNetwork& network, const network::Dataset& dataset,
                          const std::vector<std::size_t>& indices, int threads);

}  // namespace togglewise::quantize
