// Which real value a pixel stands for.
#pragma once

#include <string>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::quantize {

// The normalization that the network's graph begins with, else (p/255 − mean) / deviation with the
// values given: one for each channel, or one for all. Nothing given: pixels are 0..1. Throws
// TW-PTQ-006 for another number of values, a deviation that is not positive, or values given for a
// network that normalizes by itself. `source` is the network's file.
network::InputNormalization choose_normalization(const network::QuantizedNetwork& geometry,
                                                 const std::vector<float>& mean,
                                                 const std::vector<float>& deviation,
                                                 const std::string& source);

// "mean 0.485, 0.456, 0.406, deviation 0.229, 0.224, 0.225", or "none (pixels 0..1)".
std::string normalization_text(const network::InputNormalization& normalization);

}  // namespace togglewise::quantize
