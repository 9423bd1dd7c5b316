// Sizes of a layer: the feature maps it works on and its GEMM view.
#pragma once

#include <cstddef>

namespace togglewise::network {

// One image's feature map, channel-major (C, H, W).
struct FeatureMapShape {
  int channels = 0;
  int height = 0;
  int width = 0;

  std::size_t size() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(width);
  }
  friend bool operator==(const FeatureMapShape& a, const FeatureMapShape& b) {
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
  }
};

// The GEMM of one layer and one image: OFMAP[M][N] = im2col(IFMAP)[M][K] · weights[K][N].
struct GemmShape {
  int reduction = 0;        // K = input channels · kernel height · kernel width, the array's rows
  int output_channels = 0;  // N, the array's columns
  int output_pixels = 0;    // M = output height · output width, streamed
};

}  // namespace togglewise::network
