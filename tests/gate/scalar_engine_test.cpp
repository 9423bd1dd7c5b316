#include "sim/gate/scalar_engine.h"

#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

TEST(ScalarEngine, TheMac_ComputesIntegerArithmetic_OneCycleLater) {
  ScalarEngine engine(mac22().netlist);
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const int weight = random.between(-128, 127);
    const int activation = random.between(-128, 127);
    const int partial_sum = random.between(-(1 << 21), (1 << 21) - 1);
    engine.set_input("weight", static_cast<std::uint64_t>(weight));
    engine.set_input("activation_in", static_cast<std::uint64_t>(activation));
    engine.set_input("partial_sum_in", static_cast<std::uint64_t>(partial_sum));
    engine.settle();
    engine.clock_edge();
    engine.settle();
    const auto sum = static_cast<std::int64_t>(engine.output("partial_sum_out"));
    ASSERT_EQ(wrapped(sum, 22), wrapped(partial_sum + weight * activation, 22));
    ASSERT_EQ(engine.output("activation_out"), static_cast<std::uint64_t>(activation) & 0xFF);
  }
}

TEST(ScalarEngine, TheWeightRegister_FollowsItsDefinition) {
  const tech::Netlist netlist =
      tech::synthesized(tech::request({tech::rtl_file("weight_register.sv")}, "weight_register"));
  ScalarEngine engine(netlist);
  Random random(2);
  std::uint64_t shadow = 0;
  std::uint64_t weight = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t shift = random.below(2);
    const std::uint64_t update = random.below(2);
    const std::uint64_t in = random.below(256);
    engine.set_input("shift_enable", shift);
    engine.set_input("update", update);
    engine.set_input("weight_in", in);
    engine.settle();
    ASSERT_EQ(engine.output("shadow_out"), shadow);
    ASSERT_EQ(engine.output("weight"), weight);
    engine.clock_edge();
    const std::uint64_t shadow_next = shift != 0 ? in : shadow;
    if (update != 0) weight = shadow_next;
    shadow = shadow_next;
  }
}

TEST(ScalarEngine, TheAccumulator_AddsSignExtended) {
  const tech::Netlist netlist =
      tech::synthesized(tech::request({tech::rtl_file("accumulator.sv")}, "accumulator"));
  ScalarEngine engine(netlist);
  Random random(3);
  for (int i = 0; i < 1000; ++i) {
    const int partial_sum = random.between(-(1 << 21), (1 << 21) - 1);
    const auto addend = static_cast<std::uint32_t>(random.bits());
    engine.set_input("partial_sum", static_cast<std::uint64_t>(partial_sum));
    engine.set_input("addend", addend);
    engine.settle();
    engine.clock_edge();
    engine.settle();
    ASSERT_EQ(engine.output("sum"),
              static_cast<std::uint32_t>(addend + static_cast<std::uint32_t>(partial_sum)));
  }
}

TEST(ToggleCounter, CountsChanges_BetweenConsecutiveObservations) {
  ToggleCounter counter(2);
  counter.observe({1, 0});
  counter.observe({1, 1});
  counter.observe({0, 0});
  EXPECT_EQ(counter.toggles(), (std::vector<std::uint64_t>{1, 2}));
}

}  // namespace
}  // namespace togglewise::gate
