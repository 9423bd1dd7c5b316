#include "compress/model/max_pool.h"

#include <torch/csrc/autograd/custom_function.h>

namespace togglewise::compress {

namespace {

struct MaxPoolFunction : torch::autograd::Function<MaxPoolFunction> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               std::int64_t kernel, std::int64_t stride) {
    const torch::Tensor input = x.contiguous();
    const std::int64_t planes = input.size(0) * input.size(1);
    const std::int64_t height = input.size(2);
    const std::int64_t width = input.size(3);
    const std::int64_t out_height = (height - kernel) / stride + 1;
    const std::int64_t out_width = (width - kernel) / stride + 1;
    torch::Tensor result = torch::empty({input.size(0), input.size(1), out_height, out_width});
    torch::Tensor winner = torch::empty(result.sizes(), torch::kInt);  // index in the input's plane
    const float* in = input.data_ptr<float>();
    float* out = result.data_ptr<float>();
    std::int32_t* won = winner.data_ptr<std::int32_t>();
    for (std::int64_t p = 0; p < planes; ++p) {
      const float* plane = in + p * height * width;
      for (std::int64_t r = 0; r < out_height; ++r) {
        for (std::int64_t c = 0; c < out_width; ++c) {
          const std::int64_t corner = r * stride * width + c * stride;
          std::int64_t best = corner;
          float largest = plane[corner];
          for (std::int64_t i = 0; i < kernel; ++i) {
            for (std::int64_t j = 0; j < kernel; ++j) {
              const std::int64_t at = corner + i * width + j;
              const float value = plane[at];
              best = value > largest ? at : best;
              largest = value > largest ? value : largest;
            }
          }
          *out++ = largest;
          *won++ = static_cast<std::int32_t>(best);
        }
      }
    }
    context->save_for_backward({winner});
    context->saved_data["shape"] = input.sizes().vec();
    return result;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::Tensor winner = context->get_saved_variables()[0];
    const std::vector<std::int64_t> shape = context->saved_data["shape"].toIntVector();
    const torch::Tensor gradient = gradients[0].contiguous();
    torch::Tensor result = torch::zeros(shape);
    const float* g = gradient.data_ptr<float>();
    const std::int32_t* won = winner.data_ptr<std::int32_t>();
    float* out = result.data_ptr<float>();
    const std::int64_t planes = shape[0] * shape[1];
    const std::int64_t outputs = winner.numel() / planes;
    for (std::int64_t p = 0; p < planes; ++p) {
      float* plane = out + p * shape[2] * shape[3];
      for (std::int64_t i = 0; i < outputs; ++i) plane[*won++] += *g++;
    }
    return {result, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor max_pool(const torch::Tensor& x, int kernel, int stride) {
  return MaxPoolFunction::apply(x, static_cast<std::int64_t>(kernel),
                                static_cast<std::int64_t>(stride));
}

}  // namespace togglewise::compress
