#include "sim/quantize/weight_quantization.h"

#include <cmath>

#include <gtest/gtest.h>

#include "sim/network/im2col.h"
#include "tests/quantize/random_float_network.h"

namespace togglewise::quantize {
namespace {

network::GemmLayer small_layer() {
  network::GemmLayer layer;
  layer.name = "conv";
  layer.groups = 2;
  layer.input = {4, 6, 5};
  layer.window = network::square_window(3, 2, 1);
  layer.output = {6, 3, 3};
  layer.input_scale = 0.02F;
  return layer;
}

double squared_weight_error(const network::GemmLayer& layer, const std::vector<float>& weights) {
  double sum = 0;
  const std::size_t reduction = weights.size() / layer.weight_scale.size();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double kept = double{layer.weight_scale[i / reduction]} * layer.weights[i];
    sum += (double{weights[i]} - kept) * (double{weights[i]} - kept);
  }
  return sum;
}

TEST(QuantizeLayer, KeepsWeightsWithinHalfAStep_WhenNothingIsClipped) {
  Random random(4);
  network::GemmLayer layer = small_layer();
  const graph::FloatParameters parameters = random_parameters(layer, random);
  for (const int bits : {4, 5, 6, 7, 8}) {
    const WeightRules rules{bits, true, ScaleRule::largest_value};
    quantize_layer(parameters, {}, rules, 0.05F, layer);
    const int high = (1 << (bits - 1)) - 1;
    for (std::size_t i = 0; i < parameters.weights.size(); ++i) {
      const double scale = double{layer.weight_scale[i / 18]};
      EXPECT_LE(std::abs(layer.weights[i]), high);
      EXPECT_LE(std::abs(double{parameters.weights[i]} - scale * layer.weights[i]),
                0.500001 * scale);
    }
    for (std::size_t c = 0; c < 6; ++c) {
      const double scale = double{layer.input_scale} * double{layer.weight_scale[c]};
      EXPECT_NEAR(layer.bias[c] * scale, double{parameters.bias[c]}, 0.5 * scale);
    }
  }
}

TEST(QuantizeLayer, IsFinerPerChannelThanPerTensor) {
  Random random(5);
  network::GemmLayer layer = small_layer();
  graph::FloatParameters parameters = random_parameters(layer, random);
  for (std::size_t i = 0; i < 18; ++i) parameters.weights[i] *= 20;  // one loud channel
  quantize_layer(parameters, {}, {}, 0.05F, layer);
  const double per_channel = squared_weight_error(layer, parameters.weights);
  WeightRules per_tensor;
  per_tensor.per_channel = false;
  quantize_layer(parameters, {}, per_tensor, 0.05F, layer);
  for (const float scale : layer.weight_scale) EXPECT_EQ(scale, layer.weight_scale[0]);
  EXPECT_LT(per_channel, 0.8 * squared_weight_error(layer, parameters.weights));
}

TEST(QuantizeLayer, GivesChannelsOfZerosAScaleThatHoldsTheirBias) {
  network::GemmLayer layer = small_layer();
  graph::FloatParameters parameters;
  parameters.weights.assign(6 * 18, 0);
  parameters.bias = {0, 1, -3e6F, 1e-20F, 5e8F, 0};
  for (const bool per_channel : {true, false}) {
    quantize_layer(parameters, {}, {8, per_channel, ScaleRule::mean_squared_error}, 0.05F, layer);
    layer.output_scale = 0.05F;
    EXPECT_EQ(layer.requantization().size(), 6U);
    for (std::size_t c = 0; c < 6; ++c) {
      const double scale = double{layer.input_scale} * double{layer.weight_scale[c]};
      EXPECT_LE(std::abs(layer.bias[c]), (1 << 29) + 64);
      EXPECT_NEAR(layer.bias[c] * scale, double{parameters.bias[c]}, 0.501 * scale);
    }
  }
}

TEST(MeanWeightError, IsWhatTheMeanOutputLoses) {
  Random random(6);
  network::GemmLayer layer = small_layer();
  const graph::FloatParameters parameters = random_parameters(layer, random);
  quantize_layer(parameters, {}, {4, true, ScaleRule::mean_squared_error}, 0.05F, layer);

  constexpr int images = 5;
  std::vector<double> mean_input(layer.input.size());
  std::vector<double> lost(6);
  for (int image = 0; image < images; ++image) {
    std::vector<std::int8_t> input(layer.input.size());
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = static_cast<std::int8_t>(random.between(0, 127));
      mean_input[i] += static_cast<double>(input[i]) / images;
    }
    const std::vector<std::int8_t> rows = network::im2col(layer, input.data());
    for (std::size_t pixel = 0; pixel < 9; ++pixel) {
      for (std::size_t c = 0; c < 6; ++c) {
        for (std::size_t k = 0; k < 18; ++k) {
          const double kept = double{layer.weight_scale[c]} * layer.weights[c * 18 + k];
          lost[c] += (double{parameters.weights[c * 18 + k]} - kept) *
                     rows[pixel * 36 + c / 3 * 18 + k] / (9.0 * images);
        }
      }
    }
  }
  const std::vector<double> error = mean_weight_error(layer, parameters.weights, mean_input);
  for (std::size_t c = 0; c < 6; ++c) EXPECT_NEAR(error[c], lost[c], 1e-9);
}

}  // namespace
}  // namespace togglewise::quantize
