// How far the integer network is from the float one, layer by layer, on the same images.
#pragma once

#include <string>
#include <vector>

#include "sim/graph/float_network.h"
#include "sim/network/dataset.h"

namespace togglewise::quantize {

// Signal-to-noise ratios 10·log10(Σ float² / Σ (float − integer·scale)²) in dB; infinite where
// nothing differs, not a number where the signal is 0.
struct LayerNoise {
  std::string name;
  double weights_db = 0;  // the layer's weights
  double input_db = 0;    // its input, with the errors of all layers before it
  double output_db = 0;   // its accumulators with bias, clamped, before they are requantized
};

// One entry for every convolution and fully connected layer, in order. `quantized` is what
// quantize_network() made of `network`. The same for any number of threads.
std::vector<LayerNoise> measure_noise(const graph::FloatNetwork& network,
                                      const network::QuantizedNetwork& quantized,
                                      const network::Dataset& dataset,
                                      const std::vector<std::size_t>& indices, int threads);

}  // namespace togglewise::quantize
