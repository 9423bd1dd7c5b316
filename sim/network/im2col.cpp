#include "sim/network/im2col.h"

namespace togglewise::network {

std::vector<std::int8_t> im2col(const GemmLayer& layer, const std::int8_t* ifmap) {
  const GemmShape gemm = layer.gemm();
  std::vector<std::int8_t> matrix(static_cast<std::size_t>(gemm.output_pixels) *
                                  static_cast<std::size_t>(gemm.reduction));
  std::size_t next = 0;
  for (int out_y = 0; out_y < layer.output.height; ++out_y) {
    for (int out_x = 0; out_x < layer.output.width; ++out_x) {
      for (int channel = 0; channel < layer.input.channels; ++channel) {
        for (int kernel_y = 0; kernel_y < layer.kernel_height; ++kernel_y) {
          for (int kernel_x = 0; kernel_x < layer.kernel_width; ++kernel_x, ++next) {
            const int y = out_y * layer.stride + kernel_y - layer.padding;
            const int x = out_x * layer.stride + kernel_x - layer.padding;
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
