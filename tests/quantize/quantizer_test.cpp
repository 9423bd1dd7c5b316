// The whole of quantization: integer inference stays close to float inference.
#include "sim/quantize/quantizer.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "sim/network/inference.h"
#include "sim/network/onnx_file.h"
#include "sim/quantize/float_inference.h"
#include "sim/quantize/quantization_noise.h"
#include "tests/quantize/random_float_network.h"

namespace togglewise::quantize {
namespace {

constexpr std::size_t images = 64;
const network::FeatureMapShape input_shape{3, 10, 10};

network::Dataset training() { return random_images(input_shape, 5, images, 21); }
network::Dataset others() { return random_images(input_shape, 5, images, 22); }

network::QuantizedNetwork quantize(const graph::FloatNetwork& network,
                                   const QuantizeParams& params = {},
                                   QuantizeStats* stats = nullptr) {
  return quantize_network(network, training(), first_images(images), params, "test", stats);
}

// Σ (float − integer)² / Σ float² of the logits, on images that were not calibrated on.
double logit_error(const graph::FloatNetwork& network, const network::QuantizedNetwork& integers) {
  const network::Dataset dataset = others();
  const FloatInference inference(network);
  double signal = 0;
  double noise = 0;
  for (std::size_t image = 0; image < images; ++image) {
    const std::vector<float> real = inference.logits(dataset, &image, 1);
    const std::vector<double> whole = network::infer(integers, dataset.image(image));
    for (std::size_t c = 0; c < real.size(); ++c) {
      signal += double{real[c]} * double{real[c]};
      noise += (double{real[c]} - whole[c]) * (double{real[c]} - whole[c]);
    }
  }
  return noise / signal;
}

template <typename Typed>
std::vector<Typed> all_of(const network::QuantizedNetwork& network) {
  std::vector<Typed> found;
  for (const network::Node& node : network.nodes) {
    if (const auto* typed = std::get_if<Typed>(&node.operation)) found.push_back(*typed);
  }
  return found;
}

class RandomNetworks : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomNetworks, testing::Range(1, 9));

TEST_P(RandomNetworks, StayCloseToFloat_WithEightBits) {
  const graph::FloatNetwork network = random_float_network(static_cast<std::uint64_t>(GetParam()));
  for (const bool per_channel : {true, false}) {
    QuantizeParams params;
    params.per_channel = per_channel;
    EXPECT_LT(logit_error(network, quantize(network, params)), 0.002);  // 27 dB
  }
}

TEST_P(RandomNetworks, LoseMoreWithFewerBits) {
  const graph::FloatNetwork network = random_float_network(static_cast<std::uint64_t>(GetParam()));
  double before = 0;
  for (const int bits : {8, 6, 4}) {
    QuantizeParams params;
    params.weight_bits = params.activation_bits = bits;
    const double error = logit_error(network, quantize(network, params));
    EXPECT_GT(error, before) << bits;
    EXPECT_LT(error, bits == 4 ? 0.5 : 0.03) << bits;
    before = error;
  }
}

TEST(QuantizeNetwork, IsTheSameToTheLastByte_ForAnyNumberOfThreads) {
  const graph::FloatNetwork network = random_float_network(9);
  QuantizeParams params;
  const std::string one = network::to_onnx(quantize(network, params));
  for (const int threads : {2, 3}) {
    params.threads = threads;
    EXPECT_EQ(network::to_onnx(quantize(network, params)), one);
  }
}

TEST(QuantizeNetwork, KeepsWhatEntersALayerInItsBits) {
  const graph::FloatNetwork network = random_float_network(3);
  for (const int bits : {4, 6}) {
    QuantizeParams params;
    params.activation_bits = bits;
    const network::QuantizedNetwork integers = quantize(network, params);
    const network::Dataset dataset = others();
    int smallest = 0;
    int largest = 0;
    for (std::size_t image = 0; image < images; ++image) {
      network::infer(integers, dataset.image(image), [&](const network::LayerTrace& trace) {
        const auto ends = std::minmax_element(trace.ifmap.begin(), trace.ifmap.end());
        smallest = std::min<int>(smallest, *ends.first);
        largest = std::max<int>(largest, *ends.second);
      });
    }
    EXPECT_LT(smallest, 0);  // of the pixels, the one signed tensor
    EXPECT_GE(smallest, -(1 << (bits - 1)));
    EXPECT_EQ(largest, (1 << (bits - 1)) - 1);
  }
}

TEST(QuantizeNetwork, ClampsReluSixWhereSixIs) {
  const network::QuantizedNetwork integers = quantize(random_float_network(4));
  const network::GemmLayer depthwise = *integers.gemm_layers()[1];
  EXPECT_TRUE(depthwise.relu);
  EXPECT_EQ(depthwise.high, std::min(127L, std::lrint(6 / double{depthwise.output_scale})));
  EXPECT_EQ(integers.gemm_layers()[2]->high, 127);
  EXPECT_FALSE(integers.gemm_layers()[2]->relu);
}

TEST(QuantizeNetwork, HoldsHardTanhInAClampOfItsOwn) {
  FloatNetworkBuilder build(input_shape, 2);
  const int layer = build.convolution(network::network_input, 8, network::square_window(3, 2, 0), 1,
                                      -0.25F, 1.5F);
  build.fully_connected(build.flatten(layer), 5);
  const network::QuantizedNetwork integers = quantize(build.network());
  const std::vector<network::Clamp> clamps = all_of<network::Clamp>(integers);
  ASSERT_EQ(clamps.size(), 1U);
  const double scale = double{integers.gemm_layers()[0]->output_scale};
  EXPECT_EQ(clamps[0].low, std::lrint(-0.25 / scale));
  EXPECT_EQ(clamps[0].high, std::min(127L, std::lrint(1.5 / scale)));
  EXPECT_LT(logit_error(build.network(), integers), 0.002);
}

TEST(QuantizeNetwork, GivesEveryTensorOneScale_WhereverItIsRead) {
  QuantizeStats stats;
  const network::QuantizedNetwork integers = quantize(random_float_network(5), {}, &stats);
  std::vector<std::string> names;
  for (const TensorScale& tensor : stats.tensors) {
    names.push_back(tensor.name);
    EXPECT_GT(tensor.noise_db, 25) << tensor.name;
    EXPECT_GE(tensor.clipped_at, 0.2 * double{tensor.largest}) << tensor.name;
  }
  // Max pooling and Flatten have none of their own; the last layer stays in accumulators.
  EXPECT_EQ(names, (std::vector<std::string>{"input", "conv0", "conv1", "conv2", "add3", "conv5",
                                             "conv6", "concat7", "pool8"}));
  const network::Add add = all_of<network::Add>(integers)[0];
  EXPECT_EQ(add.input_scales[0], integers.gemm_layers()[2]->output_scale);
  EXPECT_EQ(add.input_scales[1], integers.gemm_layers()[0]->output_scale);
  EXPECT_EQ(integers.gemm_layers()[3]->input_scale, add.output_scale);
  EXPECT_EQ(integers.gemm_layers().back()->output_scale, 0);
}

TEST(QuantizeNetwork, EndsInActivations_WhenTheLastNodeIsNoLayer) {
  FloatNetworkBuilder build(input_shape, 3);
  const int layer = build.convolution(network::network_input, 5, network::square_window(3, 1, 0));
  build.pool<network::AveragePool>(layer, network::square_window(8, 1, 0));
  build.network().geometry.classes = 5;
  EXPECT_LT(logit_error(build.network(), quantize(build.network())), 0.01);
}

TEST_P(RandomNetworks, AreCloserWithScalesByErrorThanByTheLargestValue) {
  const graph::FloatNetwork network = random_float_network(static_cast<std::uint64_t>(GetParam()));
  QuantizeParams params;
  params.weight_bits = params.activation_bits = 4;
  const double by_error = logit_error(network, quantize(network, params));
  params.scale_rule = ScaleRule::largest_value;
  EXPECT_LT(by_error, logit_error(network, quantize(network, params)));
}

TEST(QuantizeNetwork, BiasCorrectionBringsTheMeanOutputBack) {
  FloatNetworkBuilder build(input_shape, 7);
  const int layer =
      build.convolution(network::network_input, 8, network::square_window(3, 1, 1), 1, 0);
  build.fully_connected(build.flatten(layer), 5);
  const auto mean_error = [&](bool corrected) {
    QuantizeParams params;
    params.weight_bits = 4;
    params.bias_correction = corrected;
    const network::QuantizedNetwork integers = quantize(build.network(), params);
    const network::Dataset dataset = training();
    const FloatInference inference(build.network());
    std::vector<double> errors(5);
    for (std::size_t image = 0; image < images; ++image) {
      const std::vector<float> real = inference.logits(dataset, &image, 1);
      const std::vector<double> whole = network::infer(integers, dataset.image(image));
      for (std::size_t c = 0; c < 5; ++c) errors[c] += whole[c] - double{real[c]};
    }
    double sum = 0;
    for (const double error : errors) sum += std::abs(error);
    return sum;
  };
  EXPECT_LT(mean_error(true), 0.5 * mean_error(false));
}

TEST(MeasureNoise, GrowsWithEveryLayer_AndIsTheSameForAnyNumberOfThreads) {
  const graph::FloatNetwork network = random_float_network(8);
  const network::QuantizedNetwork integers = quantize(network);
  const std::vector<LayerNoise> noise =
      measure_noise(network, integers, others(), first_images(images), 1);
  ASSERT_EQ(noise.size(), 6U);
  EXPECT_EQ(noise[0].name, "conv0");
  EXPECT_GT(noise[0].input_db, noise[5].input_db);
  for (const LayerNoise& layer : noise) {
    EXPECT_GT(layer.weights_db, 35) << layer.name;
    EXPECT_GT(layer.output_db, 25) << layer.name;
  }
  EXPECT_NEAR(noise[5].output_db, -10 * std::log10(logit_error(network, integers)), 1e-6);
  const std::vector<LayerNoise> again =
      measure_noise(network, integers, others(), first_images(images), 2);
  for (std::size_t i = 0; i < noise.size(); ++i) {
    EXPECT_EQ(again[i].input_db, noise[i].input_db);
    EXPECT_EQ(again[i].output_db, noise[i].output_db);
  }
}

TEST(DrawCalibrationImages, DrawsEveryImageAtMostOnce_BySeed) {
  const std::vector<std::size_t> drawn = draw_calibration_images(1000, 300, 1);
  EXPECT_EQ(drawn.size(), 300U);
  for (std::size_t i = 1; i < drawn.size(); ++i) EXPECT_LT(drawn[i - 1], drawn[i]);
  EXPECT_LT(drawn.back(), 1000U);
  EXPECT_EQ(draw_calibration_images(1000, 300, 1), drawn);
  EXPECT_NE(draw_calibration_images(1000, 300, 2), drawn);
  EXPECT_EQ(draw_calibration_images(4, 4, 5), (std::vector<std::size_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace togglewise::quantize
