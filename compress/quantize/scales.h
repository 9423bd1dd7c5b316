// Scales of symmetric int8 quantization.
#pragma once

#include <cstddef>
#include <vector>

namespace togglewise::compress {

// The scale s that minimizes the mean squared error of s·clamp(round(x/s), low, 127) over `values`,
// among `candidates` clipping points between 30 % and 100 % of the largest magnitude. Values that
// are all zero get scale 1/127.
float activation_scale(const float* values, std::size_t count, bool relu, int candidates = 57);

// s of every output channel: largest magnitude / 127; a channel of zeros gets the mean of the
// others, so that it can come back to life (1/127 when all are zero).
std::vector<float> weight_scales(const float* weights, int channels, int weights_per_channel);

}  // namespace togglewise::compress
