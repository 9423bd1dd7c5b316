// Weight selection against its definition, weight by weight and value by value.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "compress/select/network_selection.h"
#include "compress/select/permitted_set.h"
#include "compress/select/rate_distortion.h"
#include "sim/base/random.h"

namespace togglewise::compress {
namespace {

// A layer with random weights, scales, curvatures and costs.
struct RandomLayer {
  SelectionContext context;
  std::vector<float> weights;

  // With `signs` about half of the weights are held negated.
  RandomLayer(std::uint64_t seed, int channels, int per_channel, bool signs = false) {
    Random random(seed);
    SelectionContext::Layer layer;
    layer.name = "layer";
    layer.output_pixels = random.between(1, 200);
    for (int c = 0; c < channels; ++c) {
      layer.scale.push_back(static_cast<float>(0.001 + 0.02 * random.unit()));
      layer.curvature.push_back(1e-4 + random.unit());
      for (int i = 0; i < per_channel; ++i) {
        weights.push_back(layer.scale.back() *
                          static_cast<float>(140.0 * (2.0 * random.unit() - 1.0)));
      }
    }
    for (double& energy : layer.cost.energy_fj) energy = 1000 * random.unit();
    if (signs) {
      for (auto& energies : layer.cost.of_sign_fj) {
        for (double& energy : energies) energy = 1000 * random.unit();
      }
      for (std::size_t i = 0; i < weights.size(); ++i) {
        layer.cost.negated.push_back(static_cast<std::uint8_t>(random.below(2)));
      }
    }
    layer.cost.transitions_per_weight = layer.output_pixels + 1;
    layer.permitted = symmetric_values();
    context.layers.push_back(layer);
  }

  NetworkView network() const { return view_of(context, {weights.data()}, {weights.size()}); }
  LayerView view() const { return network()[0]; }
  std::vector<std::int8_t> selected(double multiplier) const {
    std::vector<std::int8_t> values(weights.size());
    RateDistortion().prepare(network(), multiplier)->select(view(), 0, values.data());
    return values;
  }
};

double cost_of(const LayerView& view, std::size_t weight, int value, double multiplier) {
  const auto channel = static_cast<int>(weight / view.weights_per_channel);
  const double x = view.weights[weight] / static_cast<double>(view.scale[channel]);
  return (x - value) * (x - value) + channel_lambda(view, channel, multiplier) *
                                         view.cost->energy_of(value, view.is_negated(weight));
}

double best_cost(const LayerView& view, std::size_t weight, double multiplier) {
  double best = std::numeric_limits<double>::infinity();
  for (const int v : *view.permitted) best = std::min(best, cost_of(view, weight, v, multiplier));
  return best;
}

double objective(const LayerView& view, double multiplier) {
  double sum = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(view.channels) * view.weights_per_channel;
       ++i) {
    const double s = view.scale[i / static_cast<std::size_t>(view.weights_per_channel)];
    const double f = view.curvature[i / static_cast<std::size_t>(view.weights_per_channel)];
    sum += f * s * s * best_cost(view, i, multiplier);
  }
  return sum;
}

TEST(RateDistortion, Selection_CostsAsLittleAsBruteForce_ForAnyMultiplierAndSet) {
  Random random(5);
  for (int round = 0; round < 60; ++round) {
    RandomLayer layer(100 + round, random.between(1, 5), random.between(1, 40), round % 2 == 1);
    std::set<int> values;
    const int count = random.between(1, 60);
    while (static_cast<int>(values.size()) < count) values.insert(random.between(-127, 127));
    layer.context.layers[0].permitted.assign(values.begin(), values.end());
    const LayerView view = layer.view();
    const double multiplier = std::pow(10.0, random.between(-12, 0));
    const std::vector<std::int8_t> chosen = layer.selected(multiplier);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      EXPECT_TRUE(values.count(chosen[i]) == 1);
      const double best = best_cost(view, i, multiplier);
      EXPECT_LE(cost_of(view, i, chosen[i], multiplier), best + 1e-9 * std::abs(best) + 1e-9);
    }
  }
}

TEST(RateDistortion, Selection_TakesTheNearestValue_WhenTheMultiplierIsZero) {
  const RandomLayer layer(3, 4, 50);
  const std::vector<std::int8_t> chosen = layer.selected(0.0);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const double x = layer.weights[i] / layer.context.layers[0].scale[i / 50];
    EXPECT_LE(std::abs(std::clamp(x, -127.0, 127.0) - chosen[i]), 0.5 + 1e-5);
  }
}

TEST(RateDistortion, Selection_TakesTheCheapestValue_WhenTheMultiplierIsHuge) {
  const RandomLayer layer(4, 2, 20);
  const auto& permitted = layer.context.layers[0].permitted;
  const auto& cost = layer.context.layers[0].cost;
  const int cheapest = *std::min_element(permitted.begin(), permitted.end(), [&](int a, int b) {
    return cost.energy_of(a) < cost.energy_of(b);
  });
  const std::vector<std::int8_t> chosen = layer.selected(1e12);
  for (const std::int8_t v : chosen) EXPECT_EQ(v, cheapest);
}

TEST(RateDistortion, Selection_TakesTheCheapestValueOfEachSign_WhenTheMultiplierIsHuge) {
  const RandomLayer layer(11, 3, 40, true);
  const LayerView view = layer.view();
  const std::vector<std::int8_t> chosen = layer.selected(1e12);
  std::set<int> values[2];
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    values[view.is_negated(i) ? 1 : 0].insert(chosen[i]);
  }
  for (const bool negated : {false, true}) {
    const auto& permitted = *view.permitted;
    const int cheapest = *std::min_element(permitted.begin(), permitted.end(), [&](int a, int b) {
      return view.cost->energy_of(a, negated) < view.cost->energy_of(b, negated);
    });
    EXPECT_EQ(values[negated ? 1 : 0], std::set<int>{cheapest});
  }
}

TEST(NetworkSelection, Blocks_GiveWhatTheWholeLayerGives_OnAnyNumberOfThreads) {
  for (const bool signs : {false, true}) {
    const RandomLayer layer(6, 37, 1000, signs);  // five blocks
    const auto selection = RateDistortion().prepare(layer.network(), 1e-4);
    for (const int threads : {1, 2, 3}) {
      EXPECT_EQ(select_weights(*selection, layer.network(), threads)[0], layer.selected(1e-4));
    }
  }
}

TEST(NetworkSelection, Nearest_IsThatOfAllPermittedValues) {
  RandomLayer layer(9, 3, 200);
  layer.context.layers[0].permitted = {-64, -16, 0, 3, 16, 64};
  const LayerView view = layer.view();
  std::vector<std::int8_t> values(layer.weights.size());
  select_nearest(view, values.data());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = layer.weights[i] / static_cast<double>(view.scale[i / 200]);
    double best = std::numeric_limits<double>::infinity();
    for (const int v : *view.permitted) best = std::min(best, std::abs(x - v));
    EXPECT_LE(std::abs(x - values[i]), best + 1e-4);
  }
}

TEST(RateDistortion, Strengths_SpanSavingsWorthTrying) {
  const RandomLayer layer(7, 20, 200);
  const NetworkView network = layer.network();
  const auto energy_at = [&](double multiplier) {
    return selection_energy_fj(network, {layer.selected(multiplier)});
  };
  const double most = energy_at(0);
  const double least = energy_at(1e12);
  const StrengthRange range = RateDistortion().strengths(network, 2);
  EXPECT_TRUE(range.geometric);
  EXPECT_TRUE(range.steps.empty());
  // The shares of what selection can influence that are left without training.
  EXPECT_NEAR((energy_at(range.low) - least) / (most - least), 0.3, 0.01);
  EXPECT_NEAR((energy_at(range.high) - least) / (most - least), 0.04, 0.01);
}

TEST(RateDistortion, GoesOn_FromWhatIsMilderByAThird_AndFromNothingNearer) {
  EXPECT_TRUE(RateDistortion().goes_on_from(3e-14, 1e-14));
  EXPECT_TRUE(RateDistortion().goes_on_from(3, 2));
  EXPECT_FALSE(RateDistortion().goes_on_from(3, 2.01));
}

TEST(RateDistortion, PermittedSets_AreThoseOfEachLayer) {
  const RandomLayer layer(12, 4, 100);
  const auto sets = RateDistortion().permitted_sets(layer.network(), 1e-6, 7, 2);
  PermittedSetParams params;
  params.largest_set = 7;
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0], permitted_set(layer.view(), 1e-6, params));
  EXPECT_LE(sets[0].size(), 7U);
}

TEST(PermittedSet, Objective_IsThatOfTheSetItLeaves_AndWithinTheLimit) {
  for (int round = 0; round < 10; ++round) {
    RandomLayer layer(200 + round, 3, 60, round >= 5);
    const double multiplier = 1e-7 * std::pow(10.0, round % 5);
    const double before = objective(layer.view(), multiplier);
    PermittedSetParams params;
    params.negligible = 0.05;
    PermittedSetStats stats;
    const std::vector<int> left = permitted_set(layer.view(), multiplier, params, &stats);
    EXPECT_NEAR(stats.objective_before, before, 1e-6 * before);
    EXPECT_EQ(stats.values_before, 255U);
    EXPECT_EQ(stats.values_after, left.size());
    EXPECT_LT(left.size(), 255U);
    EXPECT_TRUE(std::is_sorted(left.begin(), left.end()));
    layer.context.layers[0].permitted = left;
    const double after = objective(layer.view(), multiplier);
    EXPECT_NEAR(stats.objective_after, after, 1e-6 * after);
    EXPECT_LE(after, before * (1 + params.negligible) * (1 + 1e-9));
  }
}

TEST(PermittedSet, FirstCutAmongUsedValues_IsTheOneThatRaisesTheObjectiveLeast) {
  RandomLayer layer(300, 2, 30);
  const double multiplier = 1e-6;
  // Only used values, so that no cut is free.
  const std::vector<std::int8_t> chosen = layer.selected(multiplier);
  const std::set<int> used(chosen.begin(), chosen.end());
  layer.context.layers[0].permitted.assign(used.begin(), used.end());
  double least = std::numeric_limits<double>::infinity();
  std::vector<int> expected;
  for (const int cut : used) {
    RandomLayer without = layer;
    auto& permitted = without.context.layers[0].permitted;
    permitted.erase(std::find(permitted.begin(), permitted.end(), cut));
    const double raised = objective(without.view(), multiplier);
    if (raised < least) {
      least = raised;
      expected = permitted;
    }
  }
  PermittedSetParams params;
  params.negligible = 0;
  params.largest_set = static_cast<int>(used.size()) - 1;
  EXPECT_EQ(permitted_set(layer.view(), multiplier, params), expected);
}

TEST(PermittedSet, Size_KeepsTheLimit_WhateverItCosts) {
  const RandomLayer layer(8, 4, 100);
  PermittedSetParams params;
  params.largest_set = 5;
  EXPECT_EQ(permitted_set(layer.view(), 1e-9, params).size(), 5U);
  params.largest_set = 1;
  EXPECT_EQ(permitted_set(layer.view(), 1e-9, params).size(), 1U);
}

}  // namespace
}  // namespace togglewise::compress
