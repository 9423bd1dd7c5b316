// Fake quantization, scales and export against the integer network's definitions.
#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "compress/model/architecture.h"
#include "compress/model/float_network.h"
#include "compress/model/max_pool.h"
#include "compress/quantize/export_network.h"
#include "compress/quantize/fake_quantization.h"
#include "compress/quantize/scales.h"
#include "compress/run/gradient_shards.h"
#include "sim/base/random.h"
#include "sim/network/inference.h"

namespace togglewise::compress {
namespace {

torch::Tensor random_tensor(const std::vector<std::int64_t>& shape, std::uint64_t seed,
                            double span) {
  Random random(seed);
  torch::Tensor tensor = torch::empty(shape);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data_ptr<float>()[i] = static_cast<float>(span * (2 * random.unit() - 1));
  }
  return tensor;
}

TEST(FakeQuantization, Values_AreRoundedHalfUpAndClamped) {
  const float s = 0.25F;
  const std::vector<float> x{-40, -0.2F, -0.126F, -0.125F, 0, 0.124F, 0.125F, 0.376F, 31.8F, 90};
  const torch::Tensor tensor =
      torch::from_blob(const_cast<float*>(x.data()), {static_cast<std::int64_t>(x.size())});
  for (const bool relu : {true, false}) {
    const torch::Tensor quantized = quantize_activation(tensor, s, relu);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float q = std::clamp(std::floor(x[i] / s + 0.5F), relu ? 0.0F : -128.0F, 127.0F);
      EXPECT_EQ(quantized.data_ptr<float>()[i], q * s) << x[i] << ' ' << relu;
    }
  }
}

TEST(FakeQuantization, Gradient_PassesOnlyWhereNothingWasClamped) {
  const std::vector<float> x{-1, 0, 0.01F, 12, 12.7F, 12.8F, 50};
  torch::Tensor tensor =
      torch::from_blob(const_cast<float*>(x.data()), {static_cast<std::int64_t>(x.size())})
          .clone()
          .requires_grad_();
  const torch::Tensor sum = quantize_activation(tensor, 0.1F, true).sum();
  const torch::Tensor gradient = torch::autograd::grad({sum}, {tensor})[0];
  const std::vector<float> expected{0, 0, 1, 1, 1, 0, 0};
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(gradient.data_ptr<float>()[i], expected[i]) << x[i];
  }
}

TEST(MaxPool, ValuesAndGradients_AreThoseOfLibtorch) {
  const std::vector<std::array<int, 4>> shapes{
      {6, 6, 2, 2}, {7, 5, 2, 2}, {9, 9, 3, 2}, {5, 8, 3, 1}};
  for (const auto& [height, width, kernel, stride] : shapes) {
    const torch::Tensor x = random_tensor({2, 3, height, width}, 7, 1.0).requires_grad_();
    const torch::Tensor mine = max_pool(x, kernel, stride);
    const torch::Tensor theirs = at::max_pool2d(x, {kernel, kernel}, {stride, stride});
    ASSERT_TRUE(mine.equal(theirs));
    const torch::Tensor weight = random_tensor(mine.sizes().vec(), 8, 1.0);
    const torch::Tensor a = torch::autograd::grad({(mine * weight).sum()}, {x})[0];
    const torch::Tensor b = torch::autograd::grad({(theirs * weight).sum()}, {x})[0];
    EXPECT_TRUE(a.allclose(b, 1e-6, 1e-6));
  }
}

TEST(Scales, ActivationScale_HasTheSmallestErrorOfAllClippingPoints) {
  Random random(1);
  std::vector<float> values;
  for (int i = 0; i < 4000; ++i) {
    const double u = random.unit();
    values.push_back(static_cast<float>(-std::log(1 - u) * (i % 5 == 0 ? 0.0 : 1.0)));
  }
  const auto error = [&](double s) {
    double sum = 0;
    for (const float x : values) {
      const double q = std::min(127.0, std::floor(x / s + 0.5)) * s;
      sum += (x - q) * (x - q);
    }
    return sum;
  };
  const float chosen = activation_scale(values.data(), values.size(), true);
  const float largest = *std::max_element(values.begin(), values.end());
  double best = std::numeric_limits<double>::infinity();
  for (int i = 30; i <= 100; ++i) best = std::min(best, error(largest * i / 100.0 / 127.0));
  EXPECT_LT(error(chosen), 1.05 * best);
  EXPECT_LT(chosen, largest / 127.0F);  // a long tail is worth clipping
}

TEST(Scales, DeadLayersAndChannels_GetUsableScales) {
  const std::vector<float> zeros(10, 0.0F);
  EXPECT_GT(activation_scale(zeros.data(), zeros.size(), true), 0.0F);
  for (const float s : weight_scales(zeros.data(), 2, 5)) EXPECT_GT(s, 0.0F);
  const std::vector<float> half{1, -2, 0, 0};
  const std::vector<float> scales = weight_scales(half.data(), 2, 2);
  EXPECT_FLOAT_EQ(scales[0], 2.0F / 127.0F);
  EXPECT_FLOAT_EQ(scales[1], 2.0F / 127.0F);
}

TEST(NearestWeights, Values_AreTheNearestOfTheirChannelsGrid) {
  const torch::Tensor w = random_tensor({4, 3, 5, 5}, 9, 0.3);
  const QuantizedWeights quantized = nearest_weights({w});
  for (std::size_t i = 0; i < 300; ++i) {
    const double x = w.data_ptr<float>()[i] / static_cast<double>(quantized.scale[0][i / 75]);
    EXPECT_LE(std::abs(x - quantized.values[0][i]), 0.5 + 1e-4);
  }
}

// Training and the integer engine must mean the same network: a difference here would make every
// reported accuracy another one than what was trained for.
TEST(Export, IntegerNetwork_ComputesWhatFakeQuantizationComputes) {
  const network::QuantizedNetwork geometry = make_architecture("lenet5", {1, 28, 28}, 10);
  Parameters parameters = random_parameters(geometry, 3);
  for (torch::Tensor& bias : parameters.biases)
    bias.copy_(random_tensor(bias.sizes().vec(), 4, 0.1));
  const QuantizedWeights quantized = nearest_weights(parameters.weights);
  parameters.weights = dequantize(quantized, parameters.weights);

  Random random(5);
  network::Dataset dataset;
  dataset.shape = {1, 28, 28};
  for (int i = 0; i < 8; ++i) {
    dataset.labels.push_back(0);
    for (int p = 0; p < 784; ++p) {
      dataset.pixels.push_back(static_cast<std::uint8_t>(random.between(0, 255)));
    }
  }
  const std::vector<std::size_t> images{0, 1, 2, 3, 4, 5, 6, 7};
  std::vector<float> scales(5, 0.0F);
  const std::vector<torch::Tensor> outputs =
      layer_outputs(geometry, parameters, image_tensor(dataset, images.data(), images.size()));
  for (std::size_t l = 0; l < outputs.size(); ++l) {
    scales[l] = activation_scale(outputs[l].data_ptr<float>(),
                                 static_cast<std::size_t>(outputs[l].numel()), true);
  }
  const network::QuantizedNetwork network =
      export_network(geometry, quantized, parameters.biases, scales);
  network::check_network(network, 8, "exported");
  const torch::Tensor logits = compute_logits(geometry, parameters, scales, dataset, images, 2);
  const float span = (logits.max() - logits.min()).item<float>();
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::vector<double> integer = network::infer(network, dataset.image(i));
    for (std::size_t c = 0; c < 10; ++c) {
      // A sum that lies on a rounding boundary may fall to the other side in floating point.
      EXPECT_NEAR(integer[c], logits.data_ptr<float>()[i * 10 + c], 0.02 * span);
    }
  }
}

}  // namespace
}  // namespace togglewise::compress
