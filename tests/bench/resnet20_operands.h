// ResNet-20's layers on 32×32 pixels with synthetic operands for timing: activations as after a
// ReLU (smooth noise, half of it clamped to zero), weights normally distributed. The counts mean
// nothing; the shapes, the share of zeros and the sizes of the sums are realistic.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/base/random.h"
#include "sim/network/quantized_network.h"

namespace togglewise::bench {

struct SyntheticLayer {
  network::GemmLayer layer;
  std::vector<std::int8_t> ifmaps;  // [image][channel][height][width]
};

inline network::GemmLayer convolution(int input_channels, int size, int output_channels, int kernel,
                                      int stride) {
  network::GemmLayer layer;
  layer.input = {input_channels, size, size};
  layer.window = network::square_window(kernel, stride, kernel / 2);
  layer.output = {output_channels, layer.window.output_height(size),
                  layer.window.output_width(size)};
  return layer;
}

inline SyntheticLayer with_operands(network::GemmLayer layer, int images, Random& random) {
  const network::GemmShape gemm = layer.gemm();
  for (int i = 0; i < gemm.groups * gemm.output_channels * gemm.reduction; ++i) {
    int sum = 0;  // of 12 uniform numbers: variance 12·40²/12
    for (int k = 0; k < 12; ++k) sum += random.between(-20, 20);
    layer.weights.push_back(static_cast<std::int8_t>(std::clamp(sum, -127, 127)));
  }
  SyntheticLayer result{std::move(layer), {}};
  const network::FeatureMapShape& input = result.layer.input;
  for (int line = 0; line < images * input.channels * input.height; ++line) {
    int level = random.between(-60, 60);
    for (int x = 0; x < input.width; ++x) {
      level = std::clamp(level + random.between(-24, 24), -90, 90);
      result.ifmaps.push_back(static_cast<std::int8_t>(std::max(level, 0)));
    }
  }
  return result;
}

inline std::vector<SyntheticLayer> resnet20(int images) {
  Random random(20);
  std::vector<network::GemmLayer> layers{convolution(3, 32, 16, 3, 1)};
  for (int i = 0; i < 6; ++i) layers.push_back(convolution(16, 32, 16, 3, 1));
  layers.push_back(convolution(16, 32, 32, 3, 2));
  for (int i = 0; i < 5; ++i) layers.push_back(convolution(32, 16, 32, 3, 1));
  layers.push_back(convolution(32, 16, 64, 3, 2));
  for (int i = 0; i < 5; ++i) layers.push_back(convolution(64, 8, 64, 3, 1));
  layers.push_back(convolution(64, 1, 10, 1, 1));
  std::vector<SyntheticLayer> result;
  for (network::GemmLayer& layer : layers) {
    result.push_back(with_operands(std::move(layer), images, random));
  }
  return result;
}

}  // namespace togglewise::bench
