#include "sim/network/im2col.h"

namespace togglewise::network {

std::vector<std::int8_t> im2col(const GemmLayer& layer, const std::int8_t* ifmap) {
  const GemmShape gemm = layer.gemm();
  const Window& window = layer.window;
  std::vector<std::int8_t> matrix(static_cast<std::size_t>(gemm.output_pixels) *
                                  static_cast<std::size_t>(gemm.groups) *
                                  static_cast<std::size_t>(gemm.reduction));
  std::size_t next = 0;
  for (int out_y = 0; out_y < layer.output.height; ++out_y) {
    for (int out_x = 0; out_x < layer.output.width; ++out_x) {
      for (int channel = 0; channel < layer.input.channels; ++channel) {
        for (int kernel_y = 0; kernel_y < window.kernel_height; ++kernel_y) {
          for (int kernel_x = 0; kernel_x < window.kernel_width; ++kernel_x, ++next) {
            const int y =
                out_y * window.stride_height + kernel_y * window.dilation_height - window.pad_top;
            const int x =
                out_x * window.stride_width + kernel_x * window.dilation_width - window.pad_left;
            if (y < 0 || y >= layer.input.height || x < 0 || x >= layer.input.width) continue;
            matrix[next] = ifmap[(channel * layer.input.height + y) * layer.input.width + x];
          }
        }
      }
    }
  }
  return matrix;
}

}  // namespace togglewise::network
