#include "sim/network/quantized_network.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::network {

FixedPointScale fixed_point_scale(double factor) {
  // factor = mantissa · 2^exponent with mantissa in [0.5, 1), so mantissa · 2^31 is in
  // [2^30, 2^31]; the upper end, reached by rounding up, is halved.
  int exponent = 0;
  const double mantissa = std::isfinite(factor) ? std::frexp(factor, &exponent) : 0;
  std::int64_t multiplier = std::llround(std::ldexp(mantissa, 31));
  int shift = 31 - exponent;
  if (multiplier == (std::int64_t{1} << 31)) {
    multiplier >>= 1;
    --shift;
  }
  if (!(factor > 0) || mantissa == 0 || shift < 1 || shift > 62) {
    throw Error::input("TW-QUANT-001",
                       fmt::format("a requantization factor of {} has no fixed-point form", factor))
        .expected("a factor from 2^-32 up to below 2^30");
  }
  return {static_cast<std::int32_t>(multiplier), shift};
}

std::int8_t requantize(std::int32_t accumulator, FixedPointScale scale, int low, int high) {
  // |product| < 2^62 and half <= 2^61, so the sum fits. Shifting a negative number right rounds to
  // minus infinity with every compiler we support (and by definition from C++20 on).
  const std::int64_t product = static_cast<std::int64_t>(accumulator) * scale.multiplier;
  const std::int64_t half = std::int64_t{1} << (scale.shift - 1);
  const std::int64_t rounded = (product + half) >> scale.shift;
  return static_cast<std::int8_t>(
      std::clamp<std::int64_t>(rounded, std::int64_t{low}, std::int64_t{high}));
}

CommonScale common_scale(const std::vector<float>& input_scales, float output_scale) {
  constexpr int largest_shift = 30;
  constexpr double multiplier_end = 1 << 22;
  CommonScale common;
  common.shift = largest_shift;
  std::vector<double> factors;
  for (const float scale : input_scales) {
    const double factor = static_cast<double>(scale) / static_cast<double>(output_scale);
    if (!(factor > 0 && factor < (1 << 20))) {
      throw Error::input("TW-QUANT-001",
                         fmt::format("scales of {} and {} cannot be brought together (factor {})",
                                     scale, output_scale, factor))
          .expected("a positive factor below 2^20");
    }
    while (std::floor(std::ldexp(factor, common.shift) + 0.5) >= multiplier_end) --common.shift;
    factors.push_back(factor);
  }
  for (const double factor : factors) {
    common.multipliers.push_back(
        static_cast<std::int32_t>(std::floor(std::ldexp(factor, common.shift) + 0.5)));
  }
  return common;
}

namespace {

// |sum| < 2 · 2^7 · 2^22 = 2^30, and half a unit is at most 2^29.
std::int8_t rounded(std::int32_t sum, int shift, int low, int high) {
  const std::int32_t half = std::int32_t{1} << (shift - 1);
  return static_cast<std::int8_t>(std::clamp((sum + half) >> shift, low, high));
}

}  // namespace

std::int8_t rescale(std::int8_t value, const CommonScale& scale, int low, int high) {
  return rounded(value * scale.multipliers[0], scale.shift, low, high);
}

std::int8_t rescale_sum(std::int8_t a, std::int8_t b, const CommonScale& scale, int low, int high) {
  return rounded(a * scale.multipliers[0] + b * scale.multipliers[1], scale.shift, low, high);
}

std::vector<FixedPointScale> GemmLayer::requantization() const {
  std::vector<FixedPointScale> scales;
  if (output_scale == 0) return scales;
  scales.reserve(weight_scale.size());
  for (const float scale : weight_scale) {
    scales.push_back(
        fixed_point_scale(static_cast<double>(input_scale) * static_cast<double>(scale) /
                          static_cast<double>(output_scale)));
  }
  return scales;
}

FixedPointScale AveragePool::requantization(int count) const {
  return fixed_point_scale(static_cast<double>(input_scale) /
                           (static_cast<double>(count) * static_cast<double>(output_scale)));
}

CommonScale Add::rescaling() const {
  return common_scale({input_scales[0], input_scales[1]}, output_scale);
}

CommonScale Concat::rescaling(std::size_t input) const {
  return common_scale({input_scales[input]}, output_scale);
}

namespace {

struct OutputShape {
  FeatureMapShape operator()(const Flatten& flatten) const {
    return {static_cast<int>(flatten.input.size()), 1, 1};
  }
  template <typename Other>
  FeatureMapShape operator()(const Other& operation) const {
    return operation.output;
  }
};

struct OutputScale {
  float input;
  float operator()(const GemmLayer& layer) const { return layer.output_scale; }
  float operator()(const AveragePool& pool) const { return pool.output_scale; }
  float operator()(const Add& add) const { return add.output_scale; }
  float operator()(const Concat& concat) const { return concat.output_scale; }
  template <typename Other>
  float operator()(const Other& /*keeps it*/) const {
    return input;
  }
};

}  // namespace

FeatureMapShape output_shape(const Operation& operation) {
  return std::visit(OutputShape{}, operation);
}

float output_scale(const Operation& operation, float input_scale) {
  return std::visit(OutputScale{input_scale}, operation);
}

const std::string& name_of(const Operation& operation) {
  return std::visit([](const auto& typed) -> const std::string& { return typed.name; }, operation);
}

std::vector<std::array<std::int8_t, 256>> input_table(const QuantizedNetwork& network) {
  const InputNormalization& normalization = network.normalization;
  std::vector<std::array<std::int8_t, 256>> table(static_cast<std::size_t>(network.input.channels));
  for (std::size_t channel = 0; channel < table.size(); ++channel) {
    const double mean = normalization.mean.empty() ? 0.0 : double{normalization.mean[channel]};
    const double deviation =
        normalization.deviation.empty() ? 1.0 : double{normalization.deviation[channel]};
    for (int pixel = 0; pixel < 256; ++pixel) {
      const double real = (pixel / 255.0 - mean) / deviation;
      const double activation = std::nearbyint(real / double{network.input_scale});
      table[channel][static_cast<std::size_t>(pixel)] =
          static_cast<std::int8_t>(std::clamp(activation, -128.0, 127.0));
    }
  }
  return table;
}

std::vector<const GemmLayer*> QuantizedNetwork::gemm_layers() const {
  std::vector<const GemmLayer*> layers;
  for (const Node& node : nodes) {
    if (const auto* layer = std::get_if<GemmLayer>(&node.operation)) layers.push_back(layer);
  }
  return layers;
}

std::vector<GemmLayer*> QuantizedNetwork::gemm_layers() {
  std::vector<GemmLayer*> layers;
  for (Node& node : nodes) {
    if (auto* layer = std::get_if<GemmLayer>(&node.operation)) layers.push_back(layer);
  }
  return layers;
}

}  // namespace togglewise::network
