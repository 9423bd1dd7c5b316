#include "sim/network/inference.h"

#include <cmath>
#include <set>

#include <hwy/highway.h>

#include "tests/config/expect_error.h"
#include "tests/network/random_graph.h"
#include "tests/network/reference_inference.h"

namespace togglewise::network {
namespace {

// Compares one network with its definition; counts activations at the ends of their range and
// inside.
struct Spread {
  int saturated = 0;
  int inside = 0;
};

void expect_definition(const QuantizedNetwork& network, std::uint64_t seed, Spread& spread) {
  ASSERT_NO_THROW(check_network(network, 8, "random"));
  const Dataset images = random_images(network, 2, seed + 1000);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const ReferenceInference expected = reference_inference(network, images.image(i));
    std::size_t layer = 0;
    const std::vector<double> logits = infer(network, images.image(i), [&](const LayerTrace& seen) {
      ASSERT_LT(layer, expected.ifmaps.size());
      SCOPED_TRACE(seen.layer->name);
      EXPECT_EQ(seen.layer, network.gemm_layers()[layer]);
      EXPECT_EQ(seen.ifmap, expected.ifmaps[layer]);
      EXPECT_TRUE(std::equal(seen.accumulators.begin(), seen.accumulators.end(),
                             expected.sums[layer].begin(), expected.sums[layer].end()));
      for (const std::int8_t value : seen.ifmap) {
        ++(value == 127 || value == -128 ? spread.saturated : spread.inside);
      }
      ++layer;
    });
    EXPECT_EQ(layer, expected.ifmaps.size());
    EXPECT_EQ(logits, expected.logits);
    EXPECT_EQ(infer(network, images.image(i)), expected.logits) << "without observer";
    const auto largest = std::max_element(expected.logits.begin(), expected.logits.end());
    EXPECT_EQ(classify(network, images.image(i)), largest - expected.logits.begin());
  }
}

// The chosen instruction set stays as it was after a test.
class EveryInstructionSet : public testing::Test {
 protected:
  ~EveryInstructionSet() override { choose(0); }  // 0: whatever the machine has
  static void choose(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

TEST_F(EveryInstructionSet, RandomGraphs_MatchTheDefinition) {
  choose(0);
  std::int64_t targets = hwy::SupportedTargets();
  int sets = 0;
  for (; targets != 0; targets &= targets - 1, ++sets) {
    const std::int64_t target = targets & -targets;
    SCOPED_TRACE(hwy::TargetName(target));
    choose(target);
    Spread spread;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      SCOPED_TRACE(seed);
      expect_definition(random_graph(seed), seed, spread);
    }
  }
  EXPECT_GE(sets, 1);
}

TEST(IntegerInference, RandomGraphs_MatchTheDefinition) {
  Spread spread;
  std::set<std::size_t> kinds;
  for (std::uint64_t seed = 100; seed < 700; ++seed) {
    SCOPED_TRACE(seed);
    const QuantizedNetwork network = random_graph(seed);
    for (const Node& node : network.nodes) kinds.insert(node.operation.index());
    expect_definition(network, seed, spread);
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<Operation>) << "an operation was never drawn";
  EXPECT_GT(spread.saturated, 1000);
  EXPECT_GT(spread.inside, 100000);
}

TEST(IntegerInference, WideLayers_MatchTheDefinition) {
  // More pixels and channels than the kernels handle at once, with remainders of every size.
  Random random(5);
  for (int i = 0; i < 6; ++i) {
    SCOPED_TRACE(i);
    QuantizedNetwork network;
    network.name = "wide";
    network.input = {3 + i, 25 + i, 30 + 3 * i};
    network.input_scale = 0.02F;
    network.classes = 7;
    network.append(random_layer("conv", network.input, false, 9 + i, 0.02F, random));
    // A copy: appending moves the nodes.
    const auto conv = std::get<GemmLayer>(network.nodes[0].operation);
    network.append(Flatten{"flatten", conv.output});
    GemmLayer fc = random_layer("fc", {static_cast<int>(conv.output.size()), 1, 1}, true, 7,
                                conv.output_scale, random);
    fc.output_scale = 0;
    fc.relu = false;
    network.append(fc);
    Spread spread;
    expect_definition(network, static_cast<std::uint64_t>(i), spread);
  }
}

TEST(IntegerInference, LargestSums_AreExact) {
  // Every product is (−128)², in sums as long as the array allows: pairs of them reach 2^15.
  QuantizedNetwork network;
  network.name = "largest";
  network.input = {64, 8, 8};
  network.input_scale = 1.0F / 64;
  network.normalization.mean.assign(64, 3.0F);  // every pixel becomes −128
  network.classes = 4;
  GemmLayer layer;
  layer.name = "conv";
  layer.input = network.input;
  layer.output = {4, 1, 8};
  layer.window.kernel_height = 8;
  layer.weights.assign(4 * 64 * 8, std::int8_t{-128});
  layer.bias.assign(4, 0);
  layer.weight_scale.assign(4, 1e-3F);
  layer.input_scale = network.input_scale;
  layer.output_scale = 1;
  network.append(layer);
  AveragePool pool{"mean", layer.output, {4, 1, 1}, {}, false, 1, 1};
  pool.window.kernel_width = 8;
  network.append(pool);
  const std::vector<std::uint8_t> pixels(network.input.size(), 0);
  infer(network, pixels.data(), [](const LayerTrace& seen) {
    for (const std::int32_t sum : seen.accumulators) EXPECT_EQ(sum, 64 * 8 * 128 * 128);
  });
}

TEST(IntegerInference, RandomNetworks_MatchTheDefinition) {
  Spread spread;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    expect_definition(random_network(seed), seed, spread);
  }
  // The random scales must exercise both the clamp and the rounding.
  EXPECT_GT(spread.saturated, 1000);
  EXPECT_GT(spread.inside, 10000);
}

TEST(IntegerInference, EqualLogits_GiveTheLowestClass) {
  QuantizedNetwork network = random_network(3);
  GemmLayer& last = *network.gemm_layers().back();
  std::fill(last.weights.begin(), last.weights.end(), std::int8_t{0});
  std::fill(last.bias.begin(), last.bias.end(), 5);
  std::fill(last.weight_scale.begin(), last.weight_scale.end(), 0.5F);
  const Dataset images = random_images(network, 1, 1);
  EXPECT_EQ(classify(network, images.image(0)), 0);
}

TEST(CountCorrect, AnyNumberOfThreads_CountsTheSameImages) {
  const QuantizedNetwork network = random_network(11);
  const Dataset images = random_images(network, 300, 12);
  std::vector<std::size_t> indices;
  std::size_t expected = 0;
  for (std::size_t i = 0; i < images.size(); i += 2) {
    indices.push_back(i);
    if (classify(network, images.image(i)) == images.labels[i]) ++expected;
  }
  EXPECT_GT(expected, 0U);
  EXPECT_LT(expected, indices.size());
  for (const int threads : {1, 2, 5}) {
    EXPECT_EQ(count_correct(network, images, indices, threads), expected);
  }
  EXPECT_EQ(count_correct(network, images, {}, 2), 0U);
}

TEST(QuantizePixel, AllPixels_AreTheNearestActivation) {
  for (int pixel = 0; pixel < 256; ++pixel) {
    EXPECT_EQ(quantize_pixel(static_cast<std::uint8_t>(pixel)), std::lround(pixel * 127.0 / 255.0));
  }
}

}  // namespace
}  // namespace togglewise::network
