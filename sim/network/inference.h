// Integer inference: exactly what the array and its accumulators compute.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/network/dataset.h"
#include "sim/network/quantized_network.h"

namespace togglewise::network {

// What a layer saw and made for one image, channel-major.
struct LayerTrace {
  const GemmLayer* layer = nullptr;
  std::vector<std::int8_t> ifmap;          // layer->input.size()
  std::vector<std::int32_t> accumulators;  // [output channel][output pixel], Σ w·a without bias
};

using LayerObserver = std::function<void(const LayerTrace&)>;

// A network prepared for many images; refers to `network`, which must outlive it and must have
// passed check_network(). Its members may be called from several threads at once.
class IntegerInference {
 public:
  explicit IntegerInference(const QuantizedNetwork& network);
  ~IntegerInference();
  IntegerInference(IntegerInference&&) noexcept;
  IntegerInference& operator=(IntegerInference&&) noexcept;

  // Logits of one image: accumulator (with bias) · input_scale · weight_scale[c] of a last layer
  // without output scale, else activation · scale of the last node.
  // `observe`, when given, is called once for every GEMM layer in order.
  std::vector<double> logits(const std::uint8_t* pixels, const LayerObserver& observe = {}) const;
  // The class with the largest logit; the lowest index wins ties.
  int classify(const std::uint8_t* pixels) const;

 private:
  struct Prepared;
  const QuantizedNetwork* network_;
  std::unique_ptr<const Prepared> prepared_;
};

// The same for a single image.
std::vector<double> infer(const QuantizedNetwork& network, const std::uint8_t* pixels,
                          const LayerObserver& observe = {});

int classify(const QuantizedNetwork& network, const std::uint8_t* pixels);

// Throws TW-DATA-009 when the images have another shape than the network takes. Every reading of
// their pixels is blind to it.
void require_images_fit(const QuantizedNetwork& network, const Dataset& dataset);

// Correct images among `indices` of `dataset`, which must fit (TW-DATA-009); the same for any
// number of threads.
std::size_t count_correct(const QuantizedNetwork& network, const Dataset& dataset,
                          const std::vector<std::size_t>& indices, int threads);

}  // namespace togglewise::network
