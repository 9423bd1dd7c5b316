// Checks of one convolution or fully connected layer.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "sim/network/network_check.h"

namespace togglewise::network::check {
namespace {

void check_groups(const Place& place, const GemmLayer& layer) {
  if (layer.groups < 1 || layer.input.channels % layer.groups != 0 ||
      layer.output.channels % layer.groups != 0) {
    throw place
        .error("TW-MODEL-002",
               fmt::format("has {} groups for {} input and {} output channels", layer.groups,
                           layer.input.channels, layer.output.channels))
        .expected("a number of groups that divides both");
  }
}

constexpr std::int64_t largest_reduction = 1 << 26;

void check_reduction(const Place& place, const GemmLayer& layer) {
  const std::int64_t area =
      std::int64_t{layer.window.kernel_height} * std::int64_t{layer.window.kernel_width};
  const std::int64_t channels = layer.input.channels / layer.groups;
  if (area > largest_reduction || area * channels > largest_reduction) {
    throw place
        .error("TW-MODEL-002", fmt::format("adds up {} products of {} pixels", channels, area))
        .expected("at most 2^26 products in a sum");
  }
}

void check_fully_connected(const Place& place, const GemmLayer& layer) {
  if (!layer.fully_connected) return;
  if (layer.input.height != 1 || layer.input.width != 1 || !(layer.window == Window{}) ||
      layer.groups != 1) {
    throw place
        .error("TW-MODEL-006", fmt::format("is fully connected, but takes {} with {} groups and a "
                                           "window of {}×{}",
                                           shape_text(layer.input), layer.groups,
                                           layer.window.kernel_height, layer.window.kernel_width))
        .expected("one row and column, one group and a 1×1 window")
        .hint("put Flatten or global average pooling before it");
  }
}

void check_lengths(const Place& place, const GemmLayer& layer) {
  const auto channels = static_cast<std::size_t>(layer.output.channels);
  const std::size_t weights = channels * static_cast<std::size_t>(layer.gemm().reduction);
  if (layer.weights.size() != weights || layer.bias.size() != channels ||
      layer.weight_scale.size() != channels) {
    throw place
        .error("TW-MODEL-002",
               fmt::format("has {} weights, {} biases, {} weight scales", layer.weights.size(),
                           layer.bias.size(), layer.weight_scale.size()))
        .expected(fmt::format("{} weights, {} biases and scales", weights, channels));
  }
}

void check_scales(const Place& place, const GemmLayer& layer) {
  if (!(layer.output_scale >= 0) || !std::isfinite(layer.output_scale)) {
    throw place.error("TW-MODEL-003", fmt::format("has output scale {}", layer.output_scale))
        .expected("a positive number, or 0 in the last layer");
  }
  for (const float scale : layer.weight_scale) {
    if (!(scale > 0) || !std::isfinite(scale)) {
      throw place.error("TW-MODEL-003", fmt::format("has a weight scale of {}", scale))
          .expected("positive numbers");
    }
  }
  require_requantization(place, [&] { layer.requantization(); });
  if (layer.high < 1 || layer.high > 127) {
    throw place.error("TW-MODEL-003", fmt::format("has the upper limit {}", layer.high))
        .expected("1 to 127");
  }
}

void check_weights(const Place& place, const GemmLayer& layer, int weight_bits) {
  const int high = (1 << (weight_bits - 1)) - 1;
  const int low = -high - 1;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const std::int8_t weight = layer.weights[i];
    if (weight >= low && weight <= high) continue;
    const auto reduction = static_cast<std::size_t>(layer.gemm().reduction);
    throw place
        .error("TW-MODEL-001",
               fmt::format("weight {} of output channel {} is {}, which does not fit the array's "
                           "{} weight bits",
                           i % reduction, i / reduction, weight, weight_bits))
        .expected(fmt::format("weights from {} to {}", low, high))
        .hint("train for this width, or use an array with wider weights");
  }
}

void check_permitted_values(const Place& place, const GemmLayer& layer) {
  const std::vector<int>& values = layer.permitted_values;
  if (values.empty()) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < -128 || values[i] > 127 || (i > 0 && values[i] <= values[i - 1])) {
      throw place
          .error("TW-MODEL-005",
                 fmt::format("has the permitted value {} at place {}", values[i], i))
          .expected("ascending values from -128 to 127");
    }
  }
  for (const std::int8_t weight : layer.weights) {
    if (!std::binary_search(values.begin(), values.end(), static_cast<int>(weight))) {
      throw place
          .error("TW-MODEL-005", fmt::format("has the weight {}, which is not permitted", weight))
          .expected(fmt::format("one of the {} permitted values", values.size()));
    }
  }
}

// |Σ w·a + bias| ≤ Σ|w|·128 + |bias| must fit int32 for every channel and any activations. The
// array's accumulators, which add up the tiles of a channel, then fit as well.
void check_sums(const Place& place, const GemmLayer& layer) {
  const auto reduction = static_cast<std::size_t>(layer.gemm().reduction);
  for (std::size_t channel = 0; channel < layer.bias.size(); ++channel) {
    std::int64_t largest = std::abs(std::int64_t{layer.bias[channel]});
    for (std::size_t k = 0; k < reduction; ++k) {
      largest += std::int64_t{128} * std::abs(int{layer.weights[channel * reduction + k]});
    }
    if (largest > std::numeric_limits<std::int32_t>::max()) {
      throw place
          .error("TW-MODEL-004",
                 fmt::format("sums of output channel {} may reach {}", channel, largest))
          .expected("sums with bias that fit 32 bits");
    }
  }
}

}  // namespace

void check_gemm_layer(const Place& place, const GemmLayer& layer, const Tensor& input,
                      int weight_bits) {
  require_shape(place, layer.input, input);
  require_scale(place, layer.input_scale, input);
  require_window(place, layer.window, layer.input, layer.output);
  check_groups(place, layer);
  check_reduction(place, layer);
  check_fully_connected(place, layer);
  check_lengths(place, layer);
  check_scales(place, layer);
  check_weights(place, layer, weight_bits);
  check_permitted_values(place, layer);
  check_sums(place, layer);
}

}  // namespace togglewise::network::check
