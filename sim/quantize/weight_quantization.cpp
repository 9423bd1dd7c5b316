#include "sim/quantize/weight_quantization.h"

#include <algorithm>
#include <cmath>

namespace togglewise::quantize {
namespace {

constexpr double largest_bias = 1 << 29;
constexpr double smallest_requantization = 0x1p-31;

std::vector<float> weight_scales(const std::vector<float>& weights, std::size_t channels,
                                 IntegerRange range, const WeightRules& rules) {
  if (!rules.per_channel) {
    return std::vector<float>(channels, choose_scale(weights, range, rules.scale_rule));
  }
  const std::size_t reduction = weights.size() / channels;
  std::vector<float> scales;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const auto first = weights.begin() + static_cast<std::ptrdiff_t>(channel * reduction);
    scales.push_back(choose_scale({first, first + static_cast<std::ptrdiff_t>(reduction)}, range,
                                  rules.scale_rule));
  }
  return scales;
}

// Mean over the output pixels of im2col(mean_input): [group · K].
std::vector<double> mean_patch(const network::GemmLayer& layer,
                               const std::vector<double>& mean_input) {
  const network::Window& window = layer.window;
  std::vector<double> patch;
  for (int channel = 0; channel < layer.input.channels; ++channel) {
    const double* plane = mean_input.data() + static_cast<std::ptrdiff_t>(channel) *
                                                  layer.input.height * layer.input.width;
    for (int kernel_y = 0; kernel_y < window.kernel_height; ++kernel_y) {
      for (int kernel_x = 0; kernel_x < window.kernel_width; ++kernel_x) {
        double sum = 0;
        for (int row = 0; row < layer.output.height; ++row) {
          const int y =
              row * window.stride_height + kernel_y * window.dilation_height - window.pad_top;
          if (y < 0 || y >= layer.input.height) continue;
          for (int column = 0; column < layer.output.width; ++column) {
            const int x =
                column * window.stride_width + kernel_x * window.dilation_width - window.pad_left;
            if (x < 0 || x >= layer.input.width) continue;
            sum += plane[static_cast<std::ptrdiff_t>(y) * layer.input.width + x];
          }
        }
        patch.push_back(sum / layer.gemm().output_pixels);
      }
    }
  }
  return patch;
}

}  // namespace

void quantize_layer(const graph::FloatParameters& parameters, const std::vector<double>& shift,
                    const WeightRules& rules, float output_scale, network::GemmLayer& layer) {
  const int high = (1 << (rules.bits - 1)) - 1;
  const IntegerRange range{-high, high};
  const auto channels = static_cast<std::size_t>(layer.output.channels);
  const std::size_t reduction = parameters.weights.size() / channels;
  const double input_scale = double{layer.input_scale};

  layer.weight_scale = weight_scales(parameters.weights, channels, range, rules);
  std::vector<double> bias(channels);
  double floor_of_all = 0;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    bias[channel] = double{parameters.bias[channel]} + (shift.empty() ? 0.0 : shift[channel]);
    const double floor = std::max(std::abs(bias[channel]) / largest_bias,
                                  double{output_scale} * smallest_requantization) /
                         input_scale;
    floor_of_all = std::max(floor_of_all, floor);
    float& scale = layer.weight_scale[channel];
    scale = std::max(scale, static_cast<float>(floor));
  }
  if (!rules.per_channel) {
    for (float& scale : layer.weight_scale) {
      scale = std::max(scale, static_cast<float>(floor_of_all));
    }
  }

  layer.weights.clear();
  layer.bias.clear();
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double scale = double{layer.weight_scale[channel]};
    for (std::size_t k = 0; k < reduction; ++k) {
      layer.weights.push_back(static_cast<std::int8_t>(
          quantized(double{parameters.weights[channel * reduction + k]}, scale, range)));
    }
    layer.bias.push_back(
        static_cast<std::int32_t>(std::nearbyint(bias[channel] / (input_scale * scale))));
  }
}

std::vector<double> mean_weight_error(const network::GemmLayer& layer,
                                      const std::vector<float>& weights,
                                      const std::vector<double>& mean_input) {
  const std::vector<double> patch = mean_patch(layer, mean_input);
  const auto reduction = static_cast<std::size_t>(layer.gemm().reduction);
  const auto channels = static_cast<std::size_t>(layer.output.channels);
  const std::size_t group_channels = channels / static_cast<std::size_t>(layer.groups);
  std::vector<double> errors(channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double* inputs = patch.data() + channel / group_channels * reduction;
    for (std::size_t k = 0; k < reduction; ++k) {
      const std::size_t at = channel * reduction + k;
      const double kept = double{layer.weight_scale[channel]} * layer.weights[at];
      errors[channel] += (double{weights[at]} - kept) * inputs[k];
    }
  }
  return errors;
}

}  // namespace togglewise::quantize
