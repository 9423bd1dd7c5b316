#include "compress/model/block.h"

#include <ATen/ATen.h>
#include <cmath>

#include <torch/csrc/autograd/custom_function.h>

#include "compress/model/parameters.h"

namespace togglewise::compress {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

const BFloat16* data_of(const torch::Tensor& t, BFloat16 /*type*/) {
  return reinterpret_cast<const BFloat16*>(t.data_ptr<at::BFloat16>());
}
const float* data_of(const torch::Tensor& t, float /*type*/) { return t.data_ptr<float>(); }
template <typename Value>
Value* mutable_data_of(const torch::Tensor& t) {
  return const_cast<Value*>(data_of(t, Value{}));
}

torch::Tensor channels_last(const torch::Tensor& t) {
  return t.contiguous(at::MemoryFormat::ChannelsLast);
}

// Calls `with` with a value of the tensor's element type.
template <typename Function>
void for_type(const torch::Tensor& t, const Function& with) {
  if (t.scalar_type() == at::kBFloat16) {
    with(BFloat16{});
  } else {
    with(float{});
  }
}

BlockShape shape_of(const torch::Tensor& x) {
  return {static_cast<std::size_t>(x.size(0) * x.size(2) * x.size(3)),
          static_cast<std::size_t>(x.size(1))};
}

std::vector<float> values_of(const torch::Tensor& t) {
  const torch::Tensor values = t.detach().contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

// y = scale·x + shift in units of the grid, and what the gradient needs of it.
struct Normalization {
  std::vector<float> scale, shift;
  std::vector<float> mean, variance;    // of z over the batch
  std::vector<float> x_mean, x_factor;  // (z − mean)/σ = (x − x_mean)·x_factor
};

void measure_batch(const BlockInput& input, const torch::Tensor& x, Normalization& n) {
  const BlockShape shape = shape_of(x);
  ChannelSums sums;
  for_type(x, [&](auto type) { sums = channel_sums(shape, data_of(x, type)); });
  const auto count = static_cast<double>(shape.pixels);
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const double mean = sums.first[c] / count;
    const double variance = std::max(0.0, sums.second[c] / count - mean * mean);
    const double factor = input.factor[c];
    n.mean.push_back(static_cast<float>(factor * mean));
    n.variance.push_back(static_cast<float>(factor * factor * variance));
  }
}

Normalization normalization_of(const BlockInput& input, const torch::Tensor& x) {
  const BlockShape shape = shape_of(x);
  const std::vector<float> bias = values_of(input.bias);
  const float step = input.step;
  Normalization n;
  n.scale.resize(shape.channels);
  n.shift.resize(shape.channels);
  if (input.gain.numel() == 0) {
    if (input.measures) measure_batch(input, x, n);
    for (std::size_t c = 0; c < shape.channels; ++c) {
      n.scale[c] = input.factor[c] / step;
      n.shift[c] = bias[c] / step;
    }
    return n;
  }
  if (input.mean != nullptr) {
    n.mean = *input.mean;
    n.variance = *input.variance;
  } else {
    measure_batch(input, x, n);
  }
  const std::vector<float> gain = values_of(input.gain);
  n.x_mean.resize(shape.channels);
  n.x_factor.resize(shape.channels);
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const float inverse = 1.0F / std::sqrt(n.variance[c] + batch_norm_epsilon);
    n.x_factor[c] = input.factor[c] * inverse;
    n.x_mean[c] = n.mean[c] / input.factor[c];
    n.scale[c] = gain[c] * n.x_factor[c] / step;
    n.shift[c] = (bias[c] - gain[c] * inverse * n.mean[c]) / step;
  }
  return n;
}

// What backward() needs besides tensors.
struct BlockContext : torch::CustomClassHolder {
  Normalization normalization;
  BlockRule rule;
  float step = 1;
  bool batch_statistics = false;
  bool has_gain = false;
  std::vector<float> gain;
};

torch::Tensor float_tensor(const std::vector<float>& values) {
  return torch::tensor(values, torch::kFloat);
}

struct FusedBlock : torch::autograd::Function<FusedBlock> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& gain, const torch::Tensor& bias,
                               const torch::Tensor& residual,
                               const c10::intrusive_ptr<BlockContext>& block) {
    const Normalization& n = block->normalization;
    torch::Tensor result = at::empty_like(x, x.options(), at::MemoryFormat::ChannelsLast);
    for_type(x, [&](auto type) {
      using Value = decltype(type);
      apply_block(shape_of(x), block->rule, n.scale.data(), n.shift.data(), data_of(x, type),
                  block->rule.has_residual ? data_of(residual, type) : nullptr,
                  mutable_data_of<Value>(result));
    });
    context->save_for_backward({x, result});
    context->saved_data["block"] = c10::IValue::make_capsule(block);
    (void)gain;
    (void)bias;
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor& result = saved[1];
    const auto block =
        c10::static_intrusive_pointer_cast<BlockContext>(context->saved_data["block"].toCapsule());
    const Normalization& n = block->normalization;
    const torch::Tensor g = channels_last(gradients[0]);
    const BlockShape shape = shape_of(x);
    ChannelSums sums;
    for_type(x, [&](auto type) {
      sums = gradient_sums(shape, block->rule, n.scale.data(), n.shift.data(), data_of(x, type),
                           data_of(result, type), data_of(g, type));
    });
    std::vector<float> by_gradient(n.scale), by_x(shape.channels, 0.0F),
        constant(shape.channels, 0.0F);
    std::vector<float> at_gain, at_bias(shape.channels);
    for (std::size_t c = 0; c < shape.channels; ++c) {
      at_bias[c] = static_cast<float>(sums.first[c] / block->step);
    }
    if (block->has_gain) {
      const auto count = static_cast<double>(shape.pixels);
      for (std::size_t c = 0; c < shape.channels; ++c) {
        // Σ g·(normalized x)
        const double projected =
            (sums.second[c] - static_cast<double>(n.x_mean[c]) * sums.first[c]) * n.x_factor[c];
        at_gain.push_back(static_cast<float>(projected / block->step));
        if (!block->batch_statistics) continue;
        const double by = -static_cast<double>(n.scale[c]) * projected / count * n.x_factor[c];
        by_x[c] = static_cast<float>(by);
        constant[c] = static_cast<float>(-by * n.x_mean[c] - n.scale[c] * sums.first[c] / count);
      }
    }
    torch::Tensor at_x = at::empty_like(x, x.options(), at::MemoryFormat::ChannelsLast);
    torch::Tensor at_residual;
    if (block->rule.has_residual) {
      at_residual = at::empty_like(x, x.options(), at::MemoryFormat::ChannelsLast);
    }
    const GradientCoefficients k{by_gradient.data(), by_x.data(), constant.data()};
    for_type(x, [&](auto type) {
      using Value = decltype(type);
      apply_gradient(shape, block->rule, n.scale.data(), n.shift.data(), k, data_of(x, type),
                     data_of(result, type), data_of(g, type), mutable_data_of<Value>(at_x),
                     block->rule.has_residual ? mutable_data_of<Value>(at_residual) : nullptr);
    });
    return {at_x, float_tensor(at_gain), float_tensor(at_bias), at_residual, torch::Tensor()};
  }
};

torch::Tensor per_channel(const torch::Tensor& t) { return t.view({1, -1, 1, 1}); }

torch::Tensor value_of(const torch::Tensor& scaled, bool rounds, double low, double high) {
  if (!rounds) return at::clamp(scaled.detach(), low, high);
  return at::clamp(at::floor(scaled.detach().to(torch::kFloat) + 0.5), low, high)
      .to(scaled.scalar_type());
}

// `value`, with the gradient of x where `passes`.
torch::Tensor straight_through(const torch::Tensor& x, const torch::Tensor& value,
                               const torch::Tensor& passes) {
  const torch::Tensor passed = at::where(passes, x, at::zeros_like(x));
  return passed + (value - passed).detach();
}

// Under a residual sum: the layer's own result, of which kernels keep nothing, counts as clamped
// where it was before it was rounded.
torch::Tensor rounded_summand(const torch::Tensor& v, const BlockRule& rule) {
  const double reach = rule.rounds ? 0.5 : 0.0;
  return straight_through(v, value_of(v, rule.rounds, rule.low, rule.high),
                          (v > rule.low - reach).logical_and(v < rule.high + reach));
}

}  // namespace

torch::Tensor rounded(const torch::Tensor& x, double factor, bool rounds, double low, double high) {
  const torch::Tensor scaled = factor == 1.0 ? x : x * factor;
  const torch::Tensor value = value_of(scaled, rounds, low, high);
  return straight_through(scaled, value, (value > low).logical_and(value < high));
}

BlockResult block(const BlockInput& input) {
  if (!input.x.device().is_cpu()) return block_of_operators(input);
  const torch::Tensor x = channels_last(input.x);
  auto context = c10::make_intrusive<BlockContext>();
  context->normalization = normalization_of(input, x);
  context->rule = input.rule;
  context->rule.has_residual = input.residual.defined();
  context->step = input.step;
  context->has_gain = input.gain.numel() > 0;
  context->batch_statistics = input.mean == nullptr;
  const torch::Tensor residual =
      input.residual.defined() ? channels_last(input.residual) : at::empty({0}, x.options());
  BlockResult result;
  result.value = FusedBlock::apply(x, input.gain, input.bias, residual, context);
  if (context->has_gain || input.measures) {
    result.mean = context->normalization.mean;
    result.variance = context->normalization.variance;
  }
  return result;
}

BlockResult block_of_operators(const BlockInput& input) {
  BlockResult result;
  const torch::Tensor factor = float_tensor(input.factor).to(input.x.device());
  torch::Tensor z = input.x.to(torch::kFloat) * per_channel(factor);
  if (input.gain.numel() > 0) {
    torch::Tensor mean, variance;
    if (input.mean != nullptr) {
      mean = float_tensor(*input.mean).to(z.device());
      variance = float_tensor(*input.variance).to(z.device());
    } else {
      mean = z.mean({0, 2, 3});
      variance = (z - per_channel(mean)).square().mean({0, 2, 3});
    }
    result.mean = values_of(mean.cpu());
    result.variance = values_of(variance.cpu());
    z = (z - per_channel(mean)) * per_channel(input.gain / at::sqrt(variance + batch_norm_epsilon));
  }
  z = z + per_channel(input.bias);
  const BlockRule& rule = input.rule;
  torch::Tensor y;
  if (input.residual.defined()) {
    y = rounded_summand(z / input.step, rule);
    y = rounded(y * rule.own_factor + input.residual.to(torch::kFloat) * rule.residual_factor, 1.0,
                rule.rounds, rule.sum_low, rule.sum_high);
  } else {
    y = rounded(z, 1.0 / input.step, rule.rounds, rule.low, rule.high);
  }
  result.value = y.to(input.x.scalar_type());
  return result;
}

}  // namespace togglewise::compress
