// Which integer networks can be trained further.
#pragma once

#include <string>

#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// Throws TW-COMPRESS-002, naming the first layer that stands in the way: training works on chains
// of convolutions, fully connected layers, Flatten and maximum pooling (square windows, no
// padding), on pixels as quantize_pixel() makes them, without an upper limit below 127. `source` is
// the file named in the message.
void require_trainable(const network::QuantizedNetwork& network, const std::string& source);

}  // namespace togglewise::compress
