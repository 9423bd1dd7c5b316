// Trained parameters → the integer network that is measured and written.
#pragma once

#include "compress/model/parameters.h"
#include "compress/quantize/quantized_weights.h"
#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// `scaled`, an int8 network whose tensors have their scales, with other weights and biases: batch
// norm is folded into the scales and biases behind the accumulators (biases are rounded to units of
// input scale · weight scale). `permitted_values` are cleared.
network::QuantizedNetwork export_network(const network::QuantizedNetwork& scaled,
                                         const QuantizedWeights& weights,
                                         const Parameters& parameters,
                                         const BatchStatistics& statistics);

}  // namespace togglewise::compress
