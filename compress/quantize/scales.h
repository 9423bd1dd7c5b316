// Scales of symmetric int8 quantization.
#pragma once

#include <vector>

namespace togglewise::compress {

// s of every output channel: largest magnitude / 127; a channel of zeros gets the mean of the
// others, so that it can come back to life (1/127 when all are zero).
std::vector<float> weight_scales(const float* weights, int channels, int weights_per_channel);

}  // namespace togglewise::compress
