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
