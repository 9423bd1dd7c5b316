// Gradients of a batch: the same bits for any number of threads, the same value for any shards.
#include "compress/run/gradient_shards.h"

#include <cstring>
#include <numeric>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "compress/data/training_data.h"
#include "compress/model/architecture.h"
#include "sim/base/random.h"

namespace togglewise::compress {
namespace {

network::Dataset random_images(int count) {
  Random random(2);
  network::Dataset dataset;
  dataset.shape = {1, 28, 28};
  for (int i = 0; i < count; ++i) {
    dataset.labels.push_back(static_cast<std::uint8_t>(random.below(10)));
    for (int p = 0; p < 784; ++p) {
      dataset.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
    }
  }
  return dataset;
}

struct Fixture {
  network::QuantizedNetwork geometry = make_architecture("lenet5", {1, 28, 28}, 10);
  network::Dataset dataset = random_images(50);
  Parameters parameters = random_parameters(geometry, 1);
  std::vector<std::size_t> images = std::vector<std::size_t>(50);

  Fixture() { std::iota(images.begin(), images.end(), std::size_t{0}); }

  ShardGradient gradient(int shards, int threads, const std::vector<float>& scales = {}) {
    return combine_shards(shard_gradients(geometry, parameters, scales, dataset, images.data(),
                                          images.size(), label_loss(dataset), {shards, threads}));
  }
};

bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  return a.sizes() == b.sizes() &&
         std::memcmp(a.data_ptr<float>(), b.data_ptr<float>(),
                     static_cast<std::size_t>(a.numel()) * sizeof(float)) == 0;
}

TEST(GradientShards, Gradients_HaveTheSameBits_OnAnyNumberOfThreads) {
  Fixture fixture;
  const std::vector<float> scales{0.02F, 0.03F, 0.04F, 0.04F, 0.0F};
  const ShardGradient one = fixture.gradient(4, 1, scales);
  for (const int threads : {2, 3, 8}) {
    const ShardGradient many = fixture.gradient(4, threads, scales);
    EXPECT_EQ(one.loss, many.loss);
    EXPECT_EQ(one.correct, many.correct);
    ASSERT_EQ(one.gradients.size(), 10U);
    for (std::size_t i = 0; i < one.gradients.size(); ++i) {
      EXPECT_TRUE(same_bits(one.gradients[i], many.gradients[i])) << i;
    }
  }
}

TEST(GradientShards, Gradients_AreTheBatchMean_HoweverManyShards) {
  Fixture fixture;
  const ShardGradient whole = fixture.gradient(1, 1);
  for (const int shards : {3, 7, 50, 64}) {
    const ShardGradient cut = fixture.gradient(shards, 2);
    EXPECT_EQ(cut.images, 50U);
    EXPECT_NEAR(cut.loss, whole.loss, 1e-3);
    for (std::size_t i = 0; i < whole.gradients.size(); ++i) {
      EXPECT_TRUE(whole.gradients[i].allclose(cut.gradients[i], 1e-3, 1e-6)) << i;
    }
  }
}

TEST(GradientShards, DistillationLoss_IsSmallest_WhenTheStudentIsTheTeacher) {
  Fixture fixture;
  const torch::Tensor teacher =
      compute_logits(fixture.geometry, fixture.parameters, {}, fixture.dataset, fixture.images, 1);
  const LossFunction loss = distillation_loss(teacher, 2.0);
  const double same = loss(teacher, fixture.images.data()).item<float>();
  const double other = loss(teacher * 0.5, fixture.images.data()).item<float>();
  EXPECT_LT(same, other);
}

TEST(EpochOrder, Order_IsAPermutationThatDependsOnSeedAndEpoch) {
  const Fixture fixture;
  std::vector<std::size_t> order = epoch_order(fixture.images, 1, 0);
  EXPECT_EQ(order, epoch_order(fixture.images, 1, 0));
  EXPECT_NE(order, epoch_order(fixture.images, 1, 1));
  EXPECT_NE(order, epoch_order(fixture.images, 2, 0));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, fixture.images);
}

}  // namespace
}  // namespace togglewise::compress
