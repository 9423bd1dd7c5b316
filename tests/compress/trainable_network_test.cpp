// The trainable graph against the integer engine, bit for bit where floating point can be exact,
// and against the float engine of quantization.
#include "compress/model/trainable_network.h"

#include <ATen/ATen.h>
#include <cmath>
#include <map>
#include <numeric>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "compress/model/float_model.h"
#include "compress/quantize/quantized_weights.h"
#include "compress/run/batch.h"
#include "compress/run/logits.h"
#include "sim/network/inference.h"
#include "sim/quantize/float_inference.h"
#include "tests/compress/scaled_architecture.h"
#include "tests/network/random_graph.h"
#include "tests/quantize/random_float_network.h"

namespace togglewise::compress {
namespace {

using network::QuantizedNetwork;

Batch whole(const network::Dataset& images) {
  std::vector<std::size_t> indices(images.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return make_batch(images, indices.data(), indices.size());
}

// The pass with the network's own whole-number weights; without gradients.
ForwardResult integer_pass(const QuantizedNetwork& network, const network::Dataset& images,
                           bool keep_results, Precision precision = Precision::float32) {
  const torch::NoGradGuard no_gradients;
  const FloatModel model = float_model(network, precision);
  QuantizedWeights weights;
  for (const network::GemmLayer* layer : network.gemm_layers()) {
    weights.values.push_back(layer->weights);
    weights.scale.push_back(layer->weight_scale);
  }
  const std::vector<torch::Tensor> values = value_tensors(weights, model.parameters.weights);
  ForwardInput input;
  input.weights = &values;
  input.weight_scale = &weights.scale;
  input.parameters = &model.parameters;
  input.precision = precision;
  return model.network.forward(input, input_of(whole(images), network, true), keep_results);
}

std::vector<double> integer_logits(const QuantizedNetwork& network,
                                   const network::Dataset& images) {
  std::vector<double> logits;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::vector<double> of_image = network::infer(network, images.image(i));
    logits.insert(logits.end(), of_image.begin(), of_image.end());
  }
  return logits;
}

std::vector<double> values_of(const torch::Tensor& t) {
  const torch::Tensor d = t.to(torch::kDouble).contiguous();
  return {d.data_ptr<double>(), d.data_ptr<double>() + d.numel()};
}

// With scales that are powers of two every factor is exact, in 32-bit numbers as in fixed point, as
// long as sums stay below 2^24.
float power_of_two(float scale) { return std::exp2(std::round(std::log2(scale))); }

struct Snap {
  void operator()(network::GemmLayer& layer) const {
    layer.input_scale = power_of_two(layer.input_scale);
    if (layer.output_scale > 0) layer.output_scale = power_of_two(layer.output_scale);
    for (float& s : layer.weight_scale) s = power_of_two(s);
  }
  void operator()(network::AveragePool& pool) const {
    pool.input_scale = power_of_two(pool.input_scale);
    pool.output_scale = power_of_two(pool.output_scale);
  }
  void operator()(network::Add& sum) const {
    for (float& s : sum.input_scales) s = power_of_two(s);
    sum.output_scale = power_of_two(sum.output_scale);
  }
  void operator()(network::Concat& concat) const {
    for (float& s : concat.input_scales) s = power_of_two(s);
    concat.output_scale = power_of_two(concat.output_scale);
  }
  template <typename Other>
  void operator()(Other& /*operation*/) const {}
};

// Means divide by the pixels that count: exact where these are powers of two.
bool is_exact(const network::AveragePool& pool) {
  const network::Window& w = pool.window;
  const int area = w.kernel_height * w.kernel_width;
  const bool padded = w.pad_top + w.pad_left + w.pad_bottom + w.pad_right > 0;
  const bool small = w.kernel_height <= 2 && w.kernel_width <= 2;
  return (area & (area - 1)) == 0 && (pool.count_padding || !padded || small);
}

// What occurred, so that the test cannot pass without it.
void count_kinds(const QuantizedNetwork& network, std::map<std::string, int>& kinds) {
  for (const network::Node& node : network.nodes) {
    if (const auto* layer = std::get_if<network::GemmLayer>(&node.operation)) {
      ++kinds[layer->fully_connected ? "fully connected" : "convolution"];
      const network::Window& w = layer->window;
      if (w.pad_top != w.pad_bottom || w.pad_left != w.pad_right) ++kinds["asymmetric"];
      if (w.dilation_height > 1) ++kinds["dilated"];
      if (layer->groups > 1)
        ++kinds[layer->groups == layer->input.channels ? "depthwise" : "groups"];
      if (layer->high < 127) ++kinds["limited layer"];
    } else if (const auto* max = std::get_if<network::MaxPool>(&node.operation)) {
      ++kinds[max->window.pad_top + max->window.pad_left > 0 ? "padded max" : "max"];
    } else if (const auto* mean = std::get_if<network::AveragePool>(&node.operation)) {
      ++kinds[mean->count_padding ? "mean with padding" : "mean without padding"];
    } else {
      ++kinds[node.operation.index() == 3   ? "add"
              : node.operation.index() == 4 ? "concat"
              : node.operation.index() == 5 ? "slice"
              : node.operation.index() == 6 ? "pad"
              : node.operation.index() == 7 ? "clamp"
                                            : "flatten"];
    }
  }
}

TEST(TrainableNetwork, WholeNumbers_AreThoseOfTheIntegerEngine_ForEveryKindOfNode) {
  std::map<std::string, int> kinds;
  int networks = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    QuantizedNetwork network = network::random_graph(seed);
    bool exact = true;
    network.input_scale = power_of_two(network.input_scale);
    for (network::Node& node : network.nodes) {
      std::visit(Snap(), node.operation);
      const auto* mean = std::get_if<network::AveragePool>(&node.operation);
      exact = exact && (mean == nullptr || is_exact(*mean));
    }
    if (!exact) continue;
    ASSERT_NO_THROW(network::check_network(network, 8, network.name));
    count_kinds(network, kinds);
    ++networks;
    const network::Dataset images = network::random_images(network, 5, seed);
    const std::vector<double> expected = integer_logits(network, images);
    // With the sums computed beside the layers that feed them, and on their own.
    EXPECT_EQ(values_of(integer_pass(network, images, false).logits), expected);
    EXPECT_EQ(values_of(integer_pass(network, images, true).logits), expected);
  }
  EXPECT_GE(networks, 40);
  for (const char* kind :
       {"convolution", "fully connected", "asymmetric", "dilated", "groups", "depthwise",
        "limited layer", "max", "padded max", "mean with padding", "mean without padding", "add",
        "concat", "slice", "pad", "clamp", "flatten"}) {
    EXPECT_GE(kinds[kind], 2) << kind;
  }
}

// Other factors have 31 bits in fixed point and 24 in floating point, and means are quotients:
// results on both sides of a half differ by one, and logits a little.
TEST(TrainableNetwork, WholeNumbers_AreNearlyThoseOfTheIntegerEngine_UnderAnyScales) {
  int same = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = network::random_graph(seed);
    const network::Dataset images = network::random_images(network, 3, seed);
    const std::vector<double> expected = integer_logits(network, images);
    for (const bool keep_results : {false, true}) {
      const std::vector<double> computed =
          values_of(integer_pass(network, images, keep_results).logits);
      ASSERT_EQ(computed.size(), expected.size());
      double difference = 0, magnitude = 0;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        difference += std::abs(computed[i] - expected[i]);
        magnitude += std::abs(expected[i]);
      }
      EXPECT_LE(difference, 0.03 * magnitude);
      same += difference <= 1e-5 * magnitude ? 1 : 0;
    }
  }
  EXPECT_GE(same, 90);  // of 120
}

TEST(TrainableNetwork, BFloat16_KeepsWholeNumbers_AndRoundsSumsOnce) {
  for (const char* name : {"lenet5", "resnet20", "mobilenetv2"}) {
    SCOPED_TRACE(name);
    QuantizedNetwork network = test::scaled_architecture(name, {3, 32, 32});
    Random random(3);
    for (network::GemmLayer* layer : network.gemm_layers()) {
      const float output_scale = layer->output_scale;
      network::fill_layer(*layer, random);
      layer->output_scale = output_scale;
      const auto fan_in = static_cast<double>(layer->gemm().reduction);
      for (float& s : layer->weight_scale) s = static_cast<float>(std::sqrt(2 / fan_in) / 73);
      for (std::int32_t& b : layer->bias) b /= 16;
    }
    const network::Dataset images = network::random_images(network, 4, 9);
    const torch::Tensor exact = integer_pass(network, images, false).logits;
    const torch::Tensor rounded = integer_pass(network, images, false, Precision::bfloat16).logits;
    EXPECT_GT(exact.std().item<float>(), 0.01F);
    EXPECT_LT((exact - rounded).norm().item<float>(), 0.1F * exact.norm().item<float>());
  }
}

TEST(TrainableNetwork, RealNumbers_AreThoseOfTheFloatEngine) {
  for (std::uint64_t seed = 1; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    const graph::FloatNetwork network = quantize::random_float_network(seed);
    const network::Dataset images = quantize::random_images(network.geometry.input, 5, 6, seed);
    const std::vector<std::size_t> indices = quantize::first_images(6);
    const quantize::FloatInference inference(network);
    const std::vector<float> expected = inference.logits(images, indices.data(), 6);
    const FloatModel model = float_model(network, Precision::float32);
    const torch::Tensor logits = logits_of(model, whole(images)).contiguous();
    ASSERT_EQ(static_cast<std::size_t>(logits.numel()), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(logits.data_ptr<float>()[i], expected[i], 1e-4 * (1 + std::abs(expected[i])));
    }
    // Folding what has no batch norm changes nothing.
    const std::vector<float> folded_logits =
        quantize::FloatInference(folded(model)).logits(images, indices.data(), 6);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(folded_logits[i], expected[i], 1e-5 * (1 + std::abs(expected[i])));
    }
  }
}

// A float network without scales, with batch norm as training leaves it.
FloatModel trained_like(const std::string& architecture, std::uint64_t seed) {
  const QuantizedNetwork geometry = make_architecture(architecture, {3, 16, 16}, 10);
  FloatModel model{TrainableNetwork(geometry),
                   random_parameters(geometry, seed, true),
                   {},
                   Precision::float32,
                   torch::kCPU,
                   architecture};
  model.statistics = unit_statistics(model.parameters);
  Random random(seed);
  for (std::size_t l = 0; l < model.parameters.layers(); ++l) {
    for (std::size_t c = 0; c < model.statistics.mean[l].size(); ++c) {
      model.statistics.mean[l][c] = static_cast<float>(random.unit() - 0.5);
      model.statistics.variance[l][c] = static_cast<float>(0.5 + random.unit());
      model.parameters.gains[l].data_ptr<float>()[c] = static_cast<float>(0.5 + random.unit());
      model.parameters.biases[l].data_ptr<float>()[c] = static_cast<float>(random.unit() - 0.5);
    }
  }
  return model;
}

TEST(BatchNorm, Folded_GivesTheSameLogits) {
  for (const char* architecture : {"resnet20", "resnet29_bottleneck", "mobilenetv2"}) {
    SCOPED_TRACE(architecture);
    const FloatModel model = trained_like(architecture, 3);
    const network::Dataset images = network::random_images(model.network.network(), 4, 5);
    const torch::Tensor logits = logits_of(model, whole(images));
    const FloatModel without = float_model(folded(model), Precision::float32);
    EXPECT_FALSE(without.parameters.has_batch_norm(0));
    EXPECT_TRUE(logits_of(without, whole(images)).allclose(logits, 1e-3, 1e-3));
  }
}

TEST(BatchNorm, Inserted_ChangesNothing) {
  for (const char* architecture : {"resnet20", "mobilenetv2"}) {
    SCOPED_TRACE(architecture);
    const FloatModel before =
        float_model(folded(trained_like(architecture, 4)), Precision::float32);
    const network::Dataset images = network::random_images(before.network.network(), 40, 6);
    std::vector<std::size_t> all(images.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    FloatModel after = before;
    after.parameters = before.parameters.clone();
    insert_batch_norm(after, images, all, 16, 2);
    for (std::size_t l = 0; l + 1 < after.parameters.layers(); ++l) {
      EXPECT_TRUE(after.parameters.has_batch_norm(l));
      EXPECT_FALSE(before.parameters.has_batch_norm(l));
    }
    EXPECT_FALSE(after.parameters.has_batch_norm(after.parameters.layers() - 1));
    EXPECT_TRUE(
        logits_of(after, whole(images)).allclose(logits_of(before, whole(images)), 1e-3, 1e-3));
    EXPECT_EQ(float_hits(after, images, all, 2), float_hits(before, images, all, 1));
  }
}

TEST(BatchNorm, EstimatedStatistics_AreThoseOfAllBatchesTogether) {
  const FloatModel model = trained_like("resnet20", 5);
  const network::Dataset images = network::random_images(model.network.network(), 50, 7);
  std::vector<std::size_t> all(images.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  ForwardInput input;
  input.weights = &model.parameters.weights;
  input.parameters = &model.parameters;
  const auto estimate = [&](int threads) {
    return estimate_statistics(model.network, input, images, all, 12, {}, threads);
  };
  const BatchStatistics statistics = estimate(1);
  EXPECT_EQ(estimate(3).mean, statistics.mean);
  EXPECT_EQ(estimate(3).variance, statistics.variance);
  // The first layer's sums do not depend on how those before it were normalized: mean and variance
  // over all images but the last two, which fill no batch.
  const torch::Tensor pixels =
      input_of(make_batch(images, all.data(), 48), model.network.network(), false);
  const torch::Tensor z = at::conv2d(pixels, model.parameters.weights[0], {}, 1, 1);
  const torch::Tensor mean = z.mean({0, 2, 3});
  const torch::Tensor variance = z.var({0, 2, 3}, false);
  ASSERT_EQ(statistics.mean[0].size(), 16U);
  for (std::size_t c = 0; c < 16; ++c) {
    const auto index = static_cast<std::int64_t>(c);
    EXPECT_NEAR(statistics.mean[0][c], mean[index].item<float>(), 1e-4);
    EXPECT_NEAR(statistics.variance[0][c], variance[index].item<float>(),
                1e-3 * statistics.variance[0][c]);
  }
  EXPECT_TRUE(statistics.mean.back().empty());  // no batch norm behind the last layer
}

}  // namespace
}  // namespace togglewise::compress
