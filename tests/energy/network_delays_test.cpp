#include "sim/energy/network_delays.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "sim/energy/activation_signs.h"

namespace togglewise::energy {
namespace {

using Voltage = config::HardwareConfig::Voltage;

Voltage power_law(double threshold_v, double alpha) {
  Voltage voltage;
  voltage.given = true;
  voltage.nominal_v = 1.8;
  voltage.minimum_v = 0.9;
  voltage.threshold_v = threshold_v;
  voltage.alpha = alpha;
  return voltage;
}

TEST(SupplyVoltage, MeetsTheClock_AndNotAVoltMore) {
  for (const double alpha : {1.0, 1.3, 2.0}) {
    const Voltage voltage = power_law(0.45, alpha);
    EXPECT_DOUBLE_EQ(delay_factor(voltage, 1.8), 1.0);
    for (const double slack : {1.0, 1.05, 1.2, 1.5}) {
      const auto supply = lowest_supply(voltage, 1000, 1000 * slack);
      ASSERT_TRUE(supply);
      EXPECT_LE(1000 * delay_factor(voltage, supply->supply_v), 1000 * slack);
      EXPECT_DOUBLE_EQ(supply->energy_factor, std::pow(supply->supply_v / 1.8, 2));
      if (!supply->at_minimum) {
        EXPECT_NEAR(delay_factor(voltage, supply->supply_v), slack, 1e-9);
      }
    }
  }
  // α = 2, threshold 0.6 V: V / (V − 0.6)² at 1.2 V is 3.333, at 1.8 V 1.25.
  EXPECT_NEAR(delay_factor(power_law(0.6, 2), 1.2), (1.2 / 0.36) / 1.25, 1e-12);
}

TEST(SupplyVoltage, StopsAtTheMinimum) {
  const auto supply = lowest_supply(power_law(0.45, 1.3), 1000, 1e6);
  ASSERT_TRUE(supply);
  EXPECT_TRUE(supply->at_minimum);
  EXPECT_EQ(supply->supply_v, 0.9);
  EXPECT_DOUBLE_EQ(supply->energy_factor, 0.25);
}

TEST(SupplyVoltage, IsNone_WhereThePathIsTooLong) {
  EXPECT_FALSE(lowest_supply(power_law(0.45, 1.3), 1001, 1000));
}

TEST(SupplyVoltage, OfATable_LiesOnItsLines) {
  Voltage voltage = power_law(0, 0);
  voltage.delay_factor = {{0.9, 6}, {1.2, 4}, {1.8, 2}, {2, 1}};
  EXPECT_DOUBLE_EQ(delay_factor(voltage, 1.5), 1.5);  // 3 over 2
  EXPECT_DOUBLE_EQ(delay_factor(voltage, 1.05), 2.5);
  const auto supply = lowest_supply(voltage, 1000, 1500);
  ASSERT_TRUE(supply);
  EXPECT_NEAR(supply->supply_v, 1.5, 1e-9);
}

// conv (relu) → add with the pixels → conv → clamp → conv.
network::QuantizedNetwork network_with_signs() {
  network::QuantizedNetwork network;
  network.input = {1, 2, 2};
  network.input_scale = 1.0F / 127.0F;
  const auto layer = [](const std::string& name, bool relu, std::vector<std::int8_t> weights) {
    network::GemmLayer made;
    made.name = name;
    made.input = made.output = {1, 2, 2};
    made.window.kernel_height = made.window.kernel_width = 1;
    made.weights = std::move(weights);
    made.relu = relu;
    return made;
  };
  network.append(layer("first", true, {3}));
  network::Add add;
  add.output = {1, 2, 2};
  network.nodes.push_back({add, {0, network::network_input}});
  network.append(layer("second", false, {-2}));
  network.append(layer("third", false, {5}));
  network::Clamp clamp;
  clamp.low = 0;
  network.append(clamp);
  network.append(layer("last", false, {1}));
  return network;
}

TEST(ActivationSigns, FollowClampsThroughTheNetwork) {
  network::QuantizedNetwork network = network_with_signs();
  EXPECT_EQ(nonnegative_inputs(network), (std::vector<bool>{true, true, false, true}));
  // Pixels below zero reach the first layer, and over the sum the second.
  network.normalization.mean = {0.5F};
  network.normalization.deviation = {0.5F};
  EXPECT_EQ(nonnegative_inputs(network), (std::vector<bool>{false, false, false, true}));
}

WeightDelays ramp() {
  WeightDelays ramp;
  ramp.accumulator_path_ps = 1040;
  for (int weight = -128; weight < 128; ++weight) {
    ramp.any.sta_ps[weight_index(weight)] = 1000 + weight;
    ramp.any.sensitized_ps[weight_index(weight)] = 900 + weight;
    ramp.nonnegative.sta_ps[weight_index(weight)] = 800 + weight;
    ramp.nonnegative.sensitized_ps[weight_index(weight)] = 700 + weight;
  }
  return ramp;
}

TEST(NetworkDelays, AreThoseOfItsOwnValues_AndOfZero) {
  const NetworkDelays delays =
      network_delays(ramp(), network_with_signs(), {false, true, false, false});
  ASSERT_EQ(delays.layers.size(), 4U);
  EXPECT_EQ(delays.layers[0].values, (std::vector<int>{0, 3}));
  EXPECT_EQ(delays.layers[0].sta_ps, 803);
  EXPECT_EQ(delays.layers[1].values, (std::vector<int>{-2, 0}));
  EXPECT_EQ(delays.layers[1].sta_ps, 802);   // negated: 2
  EXPECT_EQ(delays.layers[2].sta_ps, 1005);  // behind a layer without a ReLU
  EXPECT_EQ(delays.layers[2].sensitized_ps, 905);
  EXPECT_EQ(delays.longest_ps(DelayKind::sta), 1005);
  EXPECT_EQ(delays.longest_ps(DelayKind::sensitized), 905);
}

TEST(VoltageChoices, KeepTheClockOfAllValues_AndWhatElseIsOnTheSupply) {
  config::HardwareConfig config;
  config.clock_period_ps = 2000;
  config.voltage = power_law(0.45, 1.3);
  const std::vector<VoltageChoice> choices =
      voltage_choices(ramp(), {{"all values", 1127, 1027}, {"network", 1005, 905}}, config);
  EXPECT_EQ(choices.size(), 16U);
  const auto find = [&](const std::string& scope, const std::string& clock, DelayKind kind,
                        Supplied supplied) {
    const auto found = std::find_if(choices.begin(), choices.end(), [&](const auto& one) {
      return one.scope == scope && one.clock == clock && one.kind == kind &&
             one.supplied == supplied;
    });
    return found == choices.end() ? VoltageChoice{} : *found;
  };
  const VoltageChoice dense = find("all values", "shortest", DelayKind::sta, Supplied::macs);
  EXPECT_EQ(dense.clock_ps, 1127);
  EXPECT_NEAR(dense.supply.supply_v, 1.8, 1e-9);
  const VoltageChoice network = find("network", "shortest", DelayKind::sta, Supplied::macs);
  EXPECT_EQ(network.clock_ps, 1127);
  EXPECT_EQ(network.delay_ps, 1005);
  EXPECT_LT(network.supply.supply_v, 1.8);
  EXPECT_NEAR(delay_factor(config.voltage, network.supply.supply_v), 1127.0 / 1005, 1e-9);
  // The accumulators take longer than what was seen of the MACs.
  const VoltageChoice array = find("network", "shortest", DelayKind::sensitized, Supplied::array);
  EXPECT_EQ(array.clock_ps, 1040);
  EXPECT_EQ(array.delay_ps, 1040);
  EXPECT_NEAR(array.supply.energy_factor, 1, 1e-9);
  EXPECT_EQ(find("network", "configured", DelayKind::sta, Supplied::macs).clock_ps, 2000);
}

}  // namespace
}  // namespace togglewise::energy
