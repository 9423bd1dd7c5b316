// The baselines' selections against their definitions, on made-up layers.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include "compress/run/delay_limit.h"
#include "compress/schedule/layerwise_schedule.h"
#include "compress/select/greedy_sets.h"
#include "compress/select/hand_sets.h"
#include "compress/select/magnitude.h"
#include "compress/select/make_method.h"
#include "compress/select/network_selection.h"
#include "compress/select/power_pruning.h"
#include "compress/select/uniform_bits.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/random.h"
#include "tests/config/expect_error.h"

namespace togglewise::compress {
namespace {

// Two layers whose weights differ in size by a factor of ten.
struct TwoLayers {
  SelectionContext context;
  std::vector<std::vector<float>> weights;

  explicit TwoLayers(std::uint64_t seed = 1) {
    Random random(seed);
    for (const double size : {0.02, 0.2}) {
      SelectionContext::Layer layer;
      layer.name = "layer";
      layer.output_pixels = 10;
      std::vector<float> of_layer;
      for (int c = 0; c < 4; ++c) {
        float most = 0;
        for (int i = 0; i < 50; ++i) {
          of_layer.push_back(static_cast<float>(size * (random.unit() + random.unit() - 1)));
          most = std::max(most, std::fabs(of_layer.back()));
        }
        layer.scale.push_back(most / 127);
        layer.curvature.push_back(0.5 + random.unit());
      }
      // Positive values cost their magnitude, negative ones a lot more.
      for (int v = -128; v <= 127; ++v) {
        layer.cost.energy_fj[energy::weight_index(v)] = 10 + std::abs(v) + (v < 0 ? 500 : 0);
      }
      layer.permitted = symmetric_values();
      context.layers.push_back(layer);
      weights.push_back(of_layer);
    }
  }

  NetworkView view() const {
    return view_of(context, {weights[0].data(), weights[1].data()},
                   {weights[0].size(), weights[1].size()});
  }
};

std::size_t zeros(const std::vector<std::int8_t>& values) {
  return static_cast<std::size_t>(std::count(values.begin(), values.end(), std::int8_t{0}));
}

std::string id_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.id();
  }
  return "";
}

TEST(Magnitude, PrunedShare_IsThatOfTheWholeNetwork_AndTheSmallestWeightsGo) {
  for (const MagnitudeScore score :
       {MagnitudeScore::standard_deviation, MagnitudeScore::steps, MagnitudeScore::lamp}) {
    const TwoLayers layers;
    const NetworkView network = layers.view();
    const auto values = select_weights(*Magnitude(score).prepare(network, 4.0), network, 2);
    const double share = static_cast<double>(zeros(values[0]) + zeros(values[1])) / 400.0;
    EXPECT_NEAR(share, 0.75, 0.03);
    for (std::size_t l = 0; l < 2; ++l) {
      float largest_pruned = 0;
      float smallest_kept = 1e9F;
      for (std::size_t i = 0; i < values[l].size(); ++i) {
        float magnitude = std::fabs(layers.weights[l][i]);
        if (score == MagnitudeScore::steps) magnitude /= layers.context.layers[l].scale[i / 50];
        float& bound = values[l][i] == 0 ? largest_pruned : smallest_kept;
        bound = values[l][i] == 0 ? std::max(bound, magnitude) : std::min(bound, magnitude);
      }
      EXPECT_LE(largest_pruned, smallest_kept);
    }
  }
}

TEST(Magnitude, LayersOfLargeWeights_AreNotSparedForThat) {
  const TwoLayers layers;
  const NetworkView network = layers.view();
  const auto values = select_weights(*Magnitude().prepare(network, 2.0), network, 1);
  EXPECT_NEAR(static_cast<double>(zeros(values[0])), static_cast<double>(zeros(values[1])), 30);
}

TEST(Magnitude, Ramp_IsACubicOfThePrunedShare) {
  EXPECT_DOUBLE_EQ(pruned_share(Magnitude().ramped(10, 0)), 0);
  EXPECT_NEAR(pruned_share(Magnitude().ramped(10, 0.5)), 0.9 * (1 - 0.125), 1e-12);
  EXPECT_NEAR(pruned_share(Magnitude().ramped(10, 1)), 0.9, 1e-12);
}

TEST(Magnitude, LargestSet_KeepsZero_AndNoMoreValues) {
  const TwoLayers layers;
  for (const std::vector<int>& set : Magnitude().permitted_sets(layers.view(), 4.0, 6, 2)) {
    EXPECT_EQ(set.size(), 6U);
    EXPECT_TRUE(std::binary_search(set.begin(), set.end(), 0));
  }
}

TEST(PowerPruning, Set_IsOneForAllLayers_AndThePairsOfLeastEnergy) {
  const TwoLayers layers;
  const PowerPruning method({1.0, 5});
  const auto sets = method.permitted_sets(layers.view(), 255.0 / 21, 0, 1);
  std::vector<int> expected;
  for (int v = -10; v <= 10; ++v) expected.push_back(v);
  EXPECT_EQ(sets[0], expected);
  EXPECT_EQ(sets[1], expected);
}

TEST(PowerPruning, Energies_AreTheLayersWeightedByTheirTransitions) {
  TwoLayers layers;
  layers.context.layers[0].output_pixels = 30;
  layers.context.layers[0].cost.energy_fj.fill(100);
  layers.context.layers[1].cost.energy_fj.fill(20);
  EXPECT_DOUBLE_EQ(layer_agnostic_energy(layers.view())[energy::weight_index(3)], 80);
}

TEST(PowerPruning, FixedSet_StaysWhenEnergiesAreMeasuredAgain) {
  TwoLayers layers;
  const PowerPruning method;
  const double ratio = 4;
  const auto sets = method.permitted_sets(layers.view(), ratio, 0, 1);
  for (std::size_t l = 0; l < 2; ++l) layers.context.layers[l].permitted = sets[l];
  const auto before = select_weights(*method.prepare(layers.view(), ratio), layers.view(), 1);
  for (auto& layer : layers.context.layers) {
    for (int v = -128; v <= 127; ++v) {
      layer.cost.energy_fj[energy::weight_index(v)] = 500 - std::abs(v);
    }
  }
  EXPECT_EQ(select_weights(*method.prepare(layers.view(), ratio), layers.view(), 1), before);
}

TEST(UniformBits, Values_AreThoseOfSoManyBits_AndStepsClipWhereThatHelps) {
  EXPECT_EQ(values_of_bits(4).front(), -7);
  EXPECT_EQ(values_of_bits(4).size(), 15U);
  // One outlier: with 4 bits its own error is less than what a coarse step costs the others.
  std::vector<float> weights(200);
  Random random(3);
  for (float& w : weights) w = static_cast<float>(random.unit() - 0.5);
  weights[0] = 1.5F;
  const float unclipped = 1.5F / 7;
  EXPECT_LT(least_error_step(weights.data(), 200, 7, unclipped), unclipped);
  EXPECT_EQ(UniformBits().strengths({}, 1).steps, (std::vector<double>{1, 2, 3, 4}));
}

TEST(UniformBits, EveryWeight_IsOfSoManyBits) {
  TwoLayers layers;
  const UniformBits method;
  for (std::size_t l = 0; l < 2; ++l) {
    std::vector<float> scale = layers.context.layers[l].scale;
    method.choose_scales(layers.view()[l], 3, scale);
    layers.context.layers[l].scale = scale;
  }
  std::set<int> used;
  for (const auto& layer : select_weights(*method.prepare(layers.view(), 3), layers.view(), 2)) {
    used.insert(layer.begin(), layer.end());
  }
  EXPECT_EQ(*used.begin(), -15);
  EXPECT_EQ(*used.rbegin(), 15);
}

TEST(GreedySets, SmallerSets_AreWithinLargerOnes_AndHoldZero) {
  const TwoLayers layers;
  const LayerView layer = layers.view()[1];
  const auto sets = greedy_sets(layer, layer_threshold(layer, 0.5), {16, 8, 3},
                                [](const std::vector<std::int8_t>&) { return 1.0; });
  ASSERT_EQ(sets.size(), 3U);
  EXPECT_EQ(sets[0].size(), 16U);
  EXPECT_EQ(sets[1].size(), 8U);
  EXPECT_EQ(sets[2].size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(std::binary_search(sets[i].begin(), sets[i].end(), 0));
    EXPECT_TRUE(std::includes(sets[0].begin(), sets[0].end(), sets[i].begin(), sets[i].end()));
  }
}

TEST(GreedySets, MeasuredLoss_DecidesWhatStays_EvenWhereTheHarmlessValueSavesNothing) {
  const std::vector<float> weights = {0.0F, 3.0F, 64.0F, 64.0F, 0.0F, 3.0F};
  const float scale = 1;
  const double curvature = 1;
  energy::LayerCost cost;
  cost.energy_fj.fill(1.0);
  cost.energy_fj[energy::weight_index(3)] = 0.99;  // 0 in its place costs a little
  cost.energy_fj[energy::weight_index(64)] = 5.0;
  const std::vector<int> permitted = {0, 3, 64};
  LayerView layer;
  layer.weights = weights.data();
  layer.channels = 1;
  layer.weights_per_channel = static_cast<int>(weights.size());
  layer.output_pixels = 1;
  layer.scale = &scale;
  layer.curvature = &curvature;
  layer.cost = &cost;
  layer.permitted = &permitted;
  const auto ruined_without_64 = [](const std::vector<std::int8_t>& values) {
    return std::count(values.begin(), values.end(), std::int8_t{64}) > 0 ? 1.0 : 100.0;
  };
  const auto sets = greedy_sets(layer, 0.0F, {2}, ruined_without_64);
  EXPECT_EQ(sets[0], (std::vector<int>{0, 64}));
}

TEST(LayerwiseSchedule, DearestLayersComeFirst_HardestSettingFirst_MilderOnFailure) {
  LayerwiseScheduleParams params;
  params.settings = {{0.9, 4}, {0.5, 16}};
  params.in_advance = 0.5;
  LayerwiseSchedule schedule({10, 60, 30}, 2.0, params);
  EXPECT_EQ(schedule.layer(), 1U);
  EXPECT_DOUBLE_EQ(schedule.allowed_drop_points(), 2.0 * (0.5 + 0.5 * 0.6));
  EXPECT_FALSE(schedule.report(1.61));
  EXPECT_EQ(schedule.layer(), 1U);
  EXPECT_EQ(schedule.setting().set_size, 16);
  EXPECT_TRUE(schedule.report(1.6));
  EXPECT_EQ(schedule.layer(), 2U);
  EXPECT_EQ(schedule.setting().set_size, 4);
  EXPECT_FALSE(schedule.report(5));
  EXPECT_FALSE(schedule.report(5));  // stays as it was
  EXPECT_EQ(schedule.layer(), 0U);
  EXPECT_DOUBLE_EQ(schedule.allowed_drop_points(), 2.0);
  EXPECT_TRUE(schedule.report(0));
  EXPECT_TRUE(schedule.finished());
}

struct SetsFile {
  TemporaryDirectory folder;
  std::filesystem::path file = folder.path() / "sets.yaml";
  explicit SetsFile(const std::string& text) { write_file_atomically(file, text); }
};

TEST(HandSets, OneSetForAll_OrByLayer) {
  const SetsFile all("sets: [16, 0, -16]\n");
  const std::vector<int> expected = {-16, 0, 16};
  for (const auto& set : sets_by_layer(read_hand_sets(all.file), {"a", "b"})) {
    EXPECT_EQ(set, expected);
  }
  const SetsFile one("sets:\n  b: [0, 1]\n");
  const auto sets = sets_by_layer(read_hand_sets(one.file), {"a", "b"});
  EXPECT_EQ(sets[0], symmetric_values());
  EXPECT_EQ(sets[1], (std::vector<int>{0, 1}));
}

TEST(HandSets, ImpossibleSets_AreRefused) {
  for (const char* text : {"sets: []\n", "sets: [-128]\n", "sets: [128]\n", "sets: [1, 1]\n",
                           "sets: [1.5]\n", "sets: ['1']\n", "sets: 3\n", "sets: {a: []}\n"}) {
    const SetsFile sets(text);
    EXPECT_EQ(id_of([&] { read_hand_sets(sets.file); }), "TW-COMPRESS-010") << text;
  }
  const SetsFile unknown("sets: {fc9: [0, 1]}\n");
  EXPECT_EQ(id_of([&] { sets_by_layer(read_hand_sets(unknown.file), {"fc1"}); }),
            "TW-COMPRESS-011");
}

TEST(MakeMethod, EveryName_IsThatOfItsMethod) {
  for (const std::string& name : method_names()) EXPECT_EQ(make_method(name)->name(), name);
}

TEST(DelayLimits, ThatLeaveALayerNoValue_NameTheLayer) {
  EXPECT_EQ(common_values({{-1, 0, 1}, {0, 2}}, {{0, 1}, {2, 4}}, {"conv1", "conv2"}),
            (std::vector<std::vector<int>>{{0, 1}, {2}}));
  expect_error(
      [] {
        common_values({{0, 1}, {1, 2}}, {{0}, {0, 4}}, {"conv1", "conv2"});
      },
      {"TW-COMPRESS-013", {"'conv2'", "delay limit"}});
}

}  // namespace
}  // namespace togglewise::compress
