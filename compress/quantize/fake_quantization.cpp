#include "compress/quantize/fake_quantization.h"

#include <algorithm>
#include <cmath>

#include <torch/csrc/autograd/custom_function.h>

namespace togglewise::compress {

namespace {

constexpr float highest = 127.0F;

// One pass over memory each way; composed of libtorch's own operators it would be eight.
struct QuantizeActivation : torch::autograd::Function<QuantizeActivation> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               double scale, double low) {
    const torch::Tensor input = x.contiguous();
    torch::Tensor result = torch::empty_like(input);
    const float* in = input.data_ptr<float>();
    float* out = result.data_ptr<float>();
    const auto s = static_cast<float>(scale);
    const float inverse = 1.0F / s;
    const auto lowest = static_cast<float>(low);
    const std::int64_t count = input.numel();
    for (std::int64_t i = 0; i < count; ++i) {
      // Shifted to be positive, truncation is floor, and unlike std::floor it needs no library call
      // on a generic x86-64.
      const float q = std::min(std::max(in[i] * inverse, -129.0F), 128.0F) + 256.5F;
      const float rounded = static_cast<float>(static_cast<int>(q)) - 256.0F;
      out[i] = s * std::min(std::max(rounded, lowest), highest);
    }
    context->save_for_backward({input});
    context->saved_data["scale"] = scale;
    context->saved_data["low"] = low;
    return result;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::Tensor input = context->get_saved_variables()[0];
    const auto scale = static_cast<float>(context->saved_data["scale"].toDouble());
    const auto low = static_cast<float>(context->saved_data["low"].toDouble());
    const torch::Tensor gradient = gradients[0].contiguous();
    torch::Tensor result = torch::empty_like(gradient);
    const float* in = input.data_ptr<float>();
    const float* g = gradient.data_ptr<float>();
    float* out = result.data_ptr<float>();
    const float above = (highest + 0.5F) * scale;
    const float below = low == 0 ? 0.0F : (low - 0.5F) * scale;
    const std::int64_t count = input.numel();
    for (std::int64_t i = 0; i < count; ++i) {
      out[i] = (in[i] > below && in[i] < above) ? g[i] : 0.0F;
    }
    return {result, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor quantize_activation(const torch::Tensor& x, float scale, bool relu) {
  return QuantizeActivation::apply(x, static_cast<double>(scale), relu ? 0.0 : -128.0);
}

}  // namespace togglewise::compress
