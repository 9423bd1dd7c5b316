// Gradients of a batch: the same bits for any number of threads, the same value for any shards.
#include "compress/run/gradient_shards.h"

#include <ATen/ATen.h>
#include <cstring>
#include <numeric>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "compress/data/training_data.h"
#include "compress/model/architecture.h"
#include "compress/quantize/quantized_weights.h"
#include "compress/run/logits.h"
#include "tests/compress/scaled_architecture.h"
#include "tests/network/random_network.h"

namespace togglewise::compress {
namespace {

constexpr std::size_t batch_size = 24;

struct Fixture {
  network::QuantizedNetwork geometry;
  network::Dataset dataset;
  Parameters parameters;
  std::vector<std::size_t> images = std::vector<std::size_t>(batch_size);
  QuantizedWeights grid;
  std::vector<torch::Tensor> values;

  explicit Fixture(const std::string& architecture, network::FeatureMapShape shape,
                   bool batch_norm = true)
      : geometry(test::scaled_architecture(architecture, shape)),
        dataset(network::random_images(geometry, batch_size, 2)),
        parameters(random_parameters(geometry, 1, batch_norm)),
        grid(zero_weights(parameters.weights)) {
    std::iota(images.begin(), images.end(), std::size_t{0});
    round_to_nearest(parameters.weights, grid);
    values = value_tensors(grid, parameters.weights);
  }

  ForwardInput input(bool integer, Precision precision = Precision::float32) const {
    ForwardInput input;
    input.weights = integer ? &values : &parameters.weights;
    if (integer) input.weight_scale = &grid.scale;
    input.parameters = &parameters;
    input.precision = precision;
    return input;
  }
  ShardGradient gradient(const ForwardInput& input, int shards, int threads) const {
    const BatchSource source{&dataset, images.data(), images.size(), {{true, 2, {}}, 7, 3}, 0};
    return combine_shards(shard_gradients(TrainableNetwork(geometry), input, source, label_loss(),
                                          {shards, threads}));
  }
};

bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  return a.sizes() == b.sizes() &&
         std::memcmp(a.data_ptr<float>(), b.data_ptr<float>(),
                     static_cast<std::size_t>(a.numel()) * sizeof(float)) == 0;
}

TEST(GradientShards, GradientsAndStatistics_HaveTheSameBits_OnAnyNumberOfThreads) {
  for (const char* architecture : {"resnet20", "mobilenetv2"}) {
    const Fixture fixture(architecture, {3, 16, 16});
    for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
      for (const bool integer : {false, true}) {
        SCOPED_TRACE(architecture + std::string(" ") + name_of(precision));
        const ForwardInput input = fixture.input(integer, precision);
        const ShardGradient one = fixture.gradient(input, 4, 1);
        const ShardGradient many = fixture.gradient(input, 4, 4);
        EXPECT_EQ(one.loss, many.loss);
        EXPECT_EQ(one.correct, many.correct);
        EXPECT_EQ(one.images, batch_size);
        EXPECT_EQ(one.batch.mean, many.batch.mean);
        EXPECT_EQ(one.batch.variance, many.batch.variance);
        ASSERT_EQ(one.gradients.size(), fixture.parameters.all().size());
        for (std::size_t i = 0; i < one.gradients.size(); ++i) {
          EXPECT_TRUE(same_bits(one.gradients[i], many.gradients[i])) << i;
          EXPECT_TRUE(at::isfinite(one.gradients[i]).all().item<bool>()) << i;
        }
      }
    }
  }
}

TEST(GradientShards, GradientsWithoutBatchNorm_AreTheBatchMean_HoweverManyShards) {
  const Fixture fixture("lenet5", {1, 28, 28}, false);
  const ForwardInput input = fixture.input(false);
  const ShardGradient whole = fixture.gradient(input, 1, 1);
  for (const int shards : {3, 7, 24, 64}) {
    const ShardGradient cut = fixture.gradient(input, shards, 2);
    EXPECT_EQ(cut.images, batch_size);
    EXPECT_NEAR(cut.loss, whole.loss, 1e-3);
    for (std::size_t i = 0; i < whole.gradients.size(); ++i) {
      EXPECT_TRUE(whole.gradients[i].allclose(cut.gradients[i], 1e-3, 1e-6)) << i;
    }
  }
}

// The gradient at w is that at w/s divided by s: with the whole numbers of a grid so fine that
// rounding changes nothing much, both passes must agree.
TEST(GradientShards, GradientsOfWholeWeights_AreInUnitsOfTheRealOnes) {
  Fixture fixture("lenet5", {1, 28, 28}, false);
  network::GemmLayer only = *fixture.geometry.gemm_layers().back();
  // One layer, whose result is not rounded: real and whole weights then mean the same function.
  network::QuantizedNetwork network;
  network.input = {1, 4, 4};
  network.input_scale = network::pixel_scale;
  network.classes = 10;
  network.append(network::Flatten{"flatten", network.input});
  only.input = {16, 1, 1};
  only.input_scale = network.input_scale;
  network.append(only);
  fixture.geometry = network;
  fixture.dataset = network::random_images(network, batch_size, 3);
  fixture.parameters = random_parameters(network, 5, false);
  fixture.grid = zero_weights(fixture.parameters.weights);
  round_to_nearest(fixture.parameters.weights, fixture.grid);
  fixture.values = value_tensors(fixture.grid, fixture.parameters.weights);
  for (std::size_t c = 0; c < 10; ++c) {
    fixture.parameters.weights[0][static_cast<std::int64_t>(c)] =
        fixture.values[0][static_cast<std::int64_t>(c)] * fixture.grid.scale[0][c];
  }
  const ShardGradient real = fixture.gradient(fixture.input(false), 2, 1);
  const ShardGradient whole = fixture.gradient(fixture.input(true), 2, 1);
  // Pixels are rounded to the grid of the input in one of them.
  EXPECT_NEAR(whole.loss, real.loss, 0.01 * real.loss);
  const torch::Tensor difference = (real.gradients[0] - whole.gradients[0]).abs();
  EXPECT_LT(difference.max().item<float>(), 0.02 * real.gradients[0].abs().max().item<float>());
}

TEST(Losses, Distillation_IsSmallest_WhenTheStudentIsTheTeacher) {
  const network::QuantizedNetwork geometry = test::scaled_architecture("lenet5", {1, 28, 28});
  const Parameters parameters = random_parameters(geometry, 1, true);
  const FloatModel teacher{TrainableNetwork(geometry), parameters,  unit_statistics(parameters),
                           Precision::float32,         torch::kCPU, "teacher"};
  const network::Dataset dataset = network::random_images(geometry, 6, 3);
  const std::vector<std::size_t> images{0, 1, 2, 3, 4, 5};
  const Batch batch = make_batch(dataset, images.data(), images.size());
  const torch::Tensor logits = logits_of(teacher, batch);
  Batch mirror = batch;
  for (std::size_t i = 0; i < batch.pixels.size(); ++i) {
    mirror.pixels[i] = batch.pixels[i / 28 * 28 + 27 - i % 28];
  }
  const torch::Tensor of_both = (logits + logits_of(teacher, mirror)) / 2;
  for (const bool mirrored : {false, true}) {
    const LossFunction loss = distillation_loss(teacher, {2.0, mirrored});
    const torch::Tensor& answer = mirrored ? of_both : logits;
    const double same = loss(answer, batch).item<float>();
    EXPECT_LT(same, loss(answer * 0.5, batch).item<float>());
    EXPECT_LT(same, loss(mirrored ? logits : of_both, batch).item<float>());
    // T²·Σ H(softmax(answer / T)): what is left is the teacher's entropy.
    const torch::Tensor p = at::softmax(answer / 2.0, 1);
    const double entropy = -(p * at::log(p)).sum().item<float>();
    EXPECT_NEAR(same, 4.0 * entropy, 1e-3);
  }
}

TEST(EpochOrder, Order_IsAPermutationThatDependsOnSeedAndEpoch) {
  std::vector<std::size_t> images(50);
  std::iota(images.begin(), images.end(), std::size_t{0});
  std::vector<std::size_t> order = epoch_order(images, 1, 0);
  EXPECT_EQ(order, epoch_order(images, 1, 0));
  EXPECT_NE(order, epoch_order(images, 1, 1));
  EXPECT_NE(order, epoch_order(images, 2, 0));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, images);
}

}  // namespace
}  // namespace togglewise::compress
