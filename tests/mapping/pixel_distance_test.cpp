#include "sim/mapping/pixel_distance.h"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "sim/array/tile_streams.h"
#include "sim/mapping/coded_layer.h"
#include "sim/mapping/distance_block.h"
#include "tests/energy/small_network.h"
#include "tests/mapping/hamming_costs.h"

namespace togglewise::mapping {
namespace {

constexpr double kRelative = 1e-5;  // sums of floats in another order

// A layer whose output is not square, with padding and a step; `groups` of it.
network::TracedLayer convolution(int images, int groups, std::uint64_t seed) {
  Random random(seed);
  network::TracedLayer traced =
      energy::random_layer("conv", {4, 11, 13}, {6, 6, 7}, 3, images, random);
  traced.layer.window = network::square_window(3, 2, 1);
  traced.layer.groups = groups;
  traced.layer.weights.resize(6U * static_cast<std::size_t>(traced.layer.gemm().reduction));
  return traced;
}

PixelDistanceParams images_alone() {
  PixelDistanceParams params;
  params.offset_weight = 0;
  return params;
}

// By definition: what every PE of the layer spends between two activation vectors.
double expected_distance(const network::TracedLayer& traced, const std::vector<int>& images,
                         const ActivationCosts& costs, std::size_t a, std::size_t b) {
  const network::GemmShape gemm = traced.layer.gemm();
  const auto pixels = static_cast<std::size_t>(gemm.output_pixels);
  double sum = 0;
  for (const int image : images) {
    const array::LayerActivations activations = array::lower_activations(
        traced.layer,
        traced.ifmaps.data() + static_cast<std::size_t>(image) * traced.layer.input.size(), 1, 1);
    for (int channel = 0; channel < gemm.groups * gemm.output_channels; ++channel) {
      for (int k = 0; k < gemm.reduction; ++k) {
        const int row = channel / gemm.output_channels * gemm.reduction + k;
        // The stream's own zero stands at its place −1.
        const std::int8_t* stream = activations.row(static_cast<std::size_t>(row)) + 1;
        const int from = a == pixels ? 0 : stream[a];
        const int to = b == pixels ? 0 : stream[b];
        const int weight =
            traced.layer.weights[static_cast<std::size_t>(channel * gemm.reduction + k)];
        sum += double{costs.of(weight, from, to)};
      }
    }
  }
  return sum / static_cast<double>(images.size());
}

// Costs that have nothing to do with one another.
ActivationCosts random_costs() {
  ActivationCosts costs = hamming_costs(8, false);
  Random random(8);
  for (int w = -128; w < 128; ++w) {
    for (int i = 0; i < 128; ++i) {
      for (int j = 0; j <= i; ++j) {
        const auto cost = static_cast<float>(random.unit());
        float* of_weight = costs.cost.data() + (w + 128) * 128 * 128;
        of_weight[i * 128 + j] = cost;
        of_weight[j * 128 + i] = cost;
      }
    }
  }
  return costs;
}

class DistancesOfGroups : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Groups, DistancesOfGroups, testing::Values(1, 2));

TEST_P(DistancesOfGroups, AreWhatAllPesSpendFromOneActivationVectorToTheOther) {
  const network::TracedLayer traced = convolution(4, GetParam(), 11);
  const std::vector<int> images{3, 0, 1};
  const ActivationCosts costs = random_costs();
  const PixelDistances distances = pixel_distances(traced, images, costs, images_alone(), 2);
  ASSERT_EQ(distances.nodes(), 43U);
  for (std::size_t a = 0; a < distances.nodes(); ++a) {
    EXPECT_EQ(distances(a, a), 0.0F);
    for (std::size_t b = 0; b < a; ++b) {
      const double expected = expected_distance(traced, images, costs, a, b);
      ASSERT_NEAR(distances(a, b), expected, kRelative * expected) << a << " " << b;
      ASSERT_EQ(distances(a, b), distances(b, a));
    }
  }
}

TEST(PixelDistances, AreTheSameToTheLastBit_ForAnyNumberOfThreads) {
  const network::TracedLayer traced = convolution(3, 1, 12);
  const PixelDistances one = pixel_distances(traced, {0, 1, 2}, random_costs(), {}, 1);
  const PixelDistances four = pixel_distances(traced, {0, 1, 2}, random_costs(), {}, 4);
  EXPECT_EQ(one.values, four.values);
}

TEST(PixelDistances, WithinTheWindowAreThoseOfTheMatrix_WhenPixelsAreMany) {
  const network::TracedLayer traced = convolution(2, 1, 13);
  PixelDistanceParams params = images_alone();
  const PixelDistances dense = pixel_distances(traced, {0, 1}, random_costs(), params, 2);
  params.most_dense_pixels = 41;
  params.window_radius = 2;
  const PixelDistances windowed = pixel_distances(traced, {0, 1}, random_costs(), params, 2);
  ASSERT_TRUE(dense.dense());
  ASSERT_FALSE(windowed.dense());
  double largest = 0;
  for (const float distance : dense.values) largest = std::max(largest, double{distance});
  EXPECT_GT(windowed.far_distance(), 0);
  EXPECT_LT(windowed.far_distance(), largest);
  for (std::size_t a = 0; a < dense.nodes(); ++a) {
    for (std::size_t b = 0; b < dense.nodes(); ++b) {
      const bool zero = a == dense.zero_node() || b == dense.zero_node();
      const int dy = static_cast<int>(a) / 7 - static_cast<int>(b) / 7;
      const int dx = static_cast<int>(a) % 7 - static_cast<int>(b) % 7;
      const bool near = std::abs(dy) <= 2 && std::abs(dx) <= 2;
      const double expected = zero || near ? double{dense(a, b)} : double{windowed.far_distance()};
      ASSERT_NEAR(windowed(a, b), expected, kRelative * expected) << a << " " << b;
    }
  }
}

TEST(PixelDistances, KnowWhichColumnsTheMappingNegates) {
  const network::TracedLayer natural = convolution(1, 1, 14);
  network::TracedLayer mapped = natural;
  network::TracedLayer negated = natural;
  // An array of 16×4: three tiles along the reduction of 36, two along the 6 columns.
  mapped.mapping.tiles.resize(6);
  mapped.mapping.tiles[1].negated = {0, 1, 0, 0};  // rows 16 to 31 of channel 1
  for (std::size_t k = 16; k < 32; ++k) {
    std::int8_t& weight = negated.layer.weights[36 + k];
    weight = static_cast<std::int8_t>(-std::max<int>(weight, -127));
  }
  PixelDistanceParams params;
  params.array_rows = 16;
  params.array_columns = 4;
  const ActivationCosts costs = random_costs();
  const PixelDistances of_mapped = pixel_distances(mapped, {0}, costs, params, 1);
  EXPECT_EQ(of_mapped.values, pixel_distances(negated, {0}, costs, params, 1).values);
  EXPECT_NE(of_mapped.values, pixel_distances(natural, {0}, costs, params, 1).values);
}

TEST(PixelDistances, CountIdleColumnsAsWeightsOfZero_WhenAskedTo) {
  const network::TracedLayer natural = convolution(1, 1, 15);
  network::TracedLayer wider = natural;  // the two idle columns of the second block of four
  wider.layer.output.channels = 8;
  wider.layer.weights.resize(8 * 36, 0);
  PixelDistanceParams params;
  params.array_rows = 64;
  params.array_columns = 4;
  const ActivationCosts costs = random_costs();
  const std::vector<float> expected = pixel_distances(wider, {0}, costs, params, 1).values;
  EXPECT_NE(pixel_distances(natural, {0}, costs, params, 1).values, expected);
  params.idle_columns = true;
  EXPECT_EQ(pixel_distances(natural, {0}, costs, params, 1).values, expected);
}

TEST(PixelDistances, DependOnTheOffsetAlone_WhenOffsetsWeighAllAndImagesNothing) {
  const network::TracedLayer traced = convolution(2, 1, 16);
  PixelDistanceParams params = images_alone();
  const PixelDistances of_images = pixel_distances(traced, {0, 1}, random_costs(), params, 2);
  params.offset_weight = 1e12;
  const PixelDistances blended = pixel_distances(traced, {0, 1}, random_costs(), params, 2);
  double sum = 0;
  for (std::size_t y = 0; y < 6; ++y) {
    for (std::size_t x = 0; x < 6; ++x) {
      EXPECT_FLOAT_EQ(blended(y * 7 + x, y * 7 + x + 1), blended(0, 1));
      sum += double{of_images(y * 7 + x, y * 7 + x + 1)};
    }
  }
  EXPECT_NEAR(blended(0, 1), sum / 36, kRelative * sum);
  EXPECT_EQ(blended(3, blended.zero_node()), of_images(3, blended.zero_node()));
}

TEST(PixelDistances, OfSomeRowsAreThoseOfASmallerLayer) {
  const network::TracedLayer traced = convolution(1, 1, 17);
  PixelDistanceParams params;
  const PixelDistances all = pixel_distances(traced, {0}, random_costs(), params, 1);
  params.most_rows = 9;
  const PixelDistances some = pixel_distances(traced, {0}, random_costs(), params, 1);
  double ratio = 0;
  for (std::size_t m = 1; m < 42; ++m) ratio += double{some(0, m)} / double{all(0, m)} / 41;
  EXPECT_NEAR(ratio, 9.0 / 36, 0.08);
}

TEST(PixelDistances, OfTwoLayersAddUp_DenseOrInAWindow) {
  for (const int most_dense_pixels : {4096, 1}) {
    PixelDistanceParams params = images_alone();
    params.most_dense_pixels = most_dense_pixels;
    const ActivationCosts costs = random_costs();
    const PixelDistances first = pixel_distances(convolution(1, 1, 18), {0}, costs, params, 1);
    const PixelDistances second = pixel_distances(convolution(1, 1, 19), {0}, costs, params, 1);
    PixelDistances sum = first;
    sum += second;
    EXPECT_FLOAT_EQ(sum.far_distance(), first.far_distance() + second.far_distance());
    for (std::size_t a = 0; a < sum.nodes(); ++a) {
      for (std::size_t b = 0; b < sum.nodes(); ++b) {
        ASSERT_FLOAT_EQ(sum(a, b), first(a, b) + second(a, b));
      }
    }
  }
}

TEST(DistanceBlock, AddsUpWhatItsDefinitionSays_OnRaggedShapes) {
  Random random(18);
  for (const std::size_t nodes : {1U, 31U, 32U, 33U, 64U, 97U}) {
    for (const std::size_t rows : {1U, 3U, 4U, 5U, 8U}) {
      CodedLayer coded;
      coded.nodes = nodes;
      coded.stride = (nodes + kBlockNodes - 1) / kBlockNodes * kBlockNodes;
      coded.images = 2;
      for (std::size_t r = 0; r < rows; ++r) {
        CodedRow row;
        row.values = static_cast<std::size_t>(random.between(1, 256));
        row.first_entry = coded.tables.size();
        for (std::size_t i = 0; i < row.values * row.values; ++i) {
          coded.tables.push_back(static_cast<float>(random.between(0, 1000)));  // exact sums
        }
        coded.rows.push_back(row);
      }
      coded.codes.resize(coded.images * rows * coded.stride);
      for (std::size_t i = 0; i < coded.codes.size(); ++i) {
        const std::size_t values = coded.rows[i / coded.stride % rows].values;
        coded.codes[i] = static_cast<std::uint8_t>(random.below(values));
      }
      for (std::size_t i = 0; i < coded.images * rows; ++i) {
        coded.occurring.push_back(
            distinct_codes(coded.codes.data() + i * coded.stride, coded.stride));
      }
      for (std::size_t begin = 0; begin < nodes; begin += kBlockNodes) {
        EXPECT_EQ(distance_block(coded, begin), distance_block_reference(coded, begin));
      }
    }
  }
}

}  // namespace
}  // namespace togglewise::mapping
