// Sizes of a layer: the feature maps it works on, its window and its GEMM view.
#pragma once

#include <cstddef>
#include <cstdint>

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

// What a convolution or pooling slides over its input, in pixels. Padding may differ on every side.
struct Window {
  int kernel_height = 1;
  int kernel_width = 1;
  int stride_height = 1;
  int stride_width = 1;
  int pad_top = 0;
  int pad_left = 0;
  int pad_bottom = 0;
  int pad_right = 0;
  int dilation_height = 1;
  int dilation_width = 1;

  // floor((input + padding − dilation·(kernel−1) − 1) / stride) + 1; below 1 where the window does
  // not fit.
  int output_height(int input_height) const {
    return positions(input_height + pad_top + pad_bottom, kernel_height, stride_height,
                     dilation_height);
  }
  int output_width(int input_width) const {
    return positions(input_width + pad_left + pad_right, kernel_width, stride_width,
                     dilation_width);
  }
  friend bool operator==(const Window& a, const Window& b) {
    return a.kernel_height == b.kernel_height && a.kernel_width == b.kernel_width &&
           a.stride_height == b.stride_height && a.stride_width == b.stride_width &&
           a.pad_top == b.pad_top && a.pad_left == b.pad_left && a.pad_bottom == b.pad_bottom &&
           a.pad_right == b.pad_right && a.dilation_height == b.dilation_height &&
           a.dilation_width == b.dilation_width;
  }

 private:
  static int positions(int padded, int kernel, int stride, int dilation) {
    const int free = padded - dilation * (kernel - 1) - 1;
    return free < 0 ? 0 : free / stride + 1;
  }
};

// A square window with the same stride and padding in both directions.
inline Window square_window(int kernel, int stride, int padding) {
  return {kernel, kernel, stride, stride, padding, padding, padding, padding, 1, 1};
}

// The GEMM of one layer and one image: for each of `groups` groups (1 but for grouped and depthwise
// convolutions) OFMAP[M][N] = im2col(IFMAP)[M][K] · weights[K][N].
struct GemmShape {
  int reduction = 0;        // K = input channels / groups · kernel height · kernel width: rows
  int output_channels = 0;  // N, of one group: the array's columns
  int output_pixels = 0;    // M = output height · output width, streamed
  int groups = 1;

  // K·N·M·groups, per image.
  std::uint64_t macs() const {
    return static_cast<std::uint64_t>(groups) * static_cast<std::uint64_t>(reduction) *
           static_cast<std::uint64_t>(output_channels) * static_cast<std::uint64_t>(output_pixels);
  }
};

}  // namespace togglewise::network
