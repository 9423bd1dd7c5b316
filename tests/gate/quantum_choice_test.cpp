#include "sim/gate/quantum_choice.h"

#include <stdexcept>

#include "tests/gate/inertial_fixture.h"

namespace togglewise::gate {
namespace {

const QuantumChoice& choice22() {
  static const QuantumChoice choice = choose_quantum(mac22().netlist, mac22().energy, delays22());
  return choice;
}

TEST(QuantumChoice, ItsEnergy_IsWithinTheTolerance_OfHalfAndAQuarter) {
  const QuantumChoice& choice = choice22();
  ASSERT_TRUE(choice.converged);
  ASSERT_GE(choice.trials.size(), 3U);
  const std::size_t chosen = choice.trials.size() - 3;
  EXPECT_EQ(choice.trials[chosen].quantum_ps, choice.quantum_ps);
  EXPECT_EQ(choice.trials[chosen].transition_fj, choice.transition_fj);
  EXPECT_EQ(choice.trials[chosen + 1].transition_fj, choice.half_transition_fj);
  for (const std::size_t finer : {chosen + 1, chosen + 2}) {
    EXPECT_NEAR(choice.transition_fj / choice.trials[finer].transition_fj, 1.0, 0.01);
  }
  EXPECT_DOUBLE_EQ(choice.relative_difference,
                   choice.transition_fj / choice.half_transition_fj - 1.0);
}

TEST(QuantumChoice, Trials_HalveTheQuantum_FromTheMedianDelayOn) {
  const QuantumChoice& choice = choice22();
  EXPECT_LE(choice.trials[0].quantum_ps, choice.median_delay_ps);
  EXPECT_GT(2.0 * choice.trials[0].quantum_ps, choice.median_delay_ps);
  for (std::size_t i = 1; i < choice.trials.size(); ++i) {
    EXPECT_DOUBLE_EQ(2.0 * choice.trials[i].quantum_ps, choice.trials[i - 1].quantum_ps);
  }
}

TEST(QuantumChoice, ItsMeasurement_IsThatOfTheEngine) {
  // One weight, and the choice's stream rebuilt from its description.
  QuantumChoiceParams params;
  params.weights = {93};
  params.most_trials = 3;
  params.tolerance = 1.0;
  const QuantumChoice choice = choose_quantum(mac22().netlist, mac22().energy, delays22(), params);
  Random random(params.seed);
  Streams streams;
  double level = 0.0;
  for (int t = 0; t <= 512; ++t) {
    const bool zero = random.unit() < 0.5;
    const double size = zero ? 0.0 : -20.0 * std::log(1.0 - random.unit());
    streams.activation.push_back(static_cast<std::int8_t>(std::min(size, 127.0)));
    level = 0.7 * level + (random.unit() - 0.5) * 6000.0;
    streams.partial_sum.push_back(static_cast<std::int32_t>(level));
  }
  const InertialEngine engine(mac22().netlist, mac22().energy, model22(choice.quantum_ps));
  BitPlanes out;
  ToggleTally tally;
  engine.run(93, BitPlanes::from_int8(streams.activation),
             BitPlanes::from_int32(streams.partial_sum, 22), out, tally);
  const double expected_fj = engine.energy(tally).total_fj() / 512.0;
  EXPECT_NEAR(choice.transition_fj, expected_fj, 1e-9 * expected_fj);
}

TEST(QuantumChoice, ATighterTolerance_NeverChoosesACoarserQuantum_AndSaysWhenItFails) {
  QuantumChoiceParams params;
  params.most_trials = 5;
  params.tolerance = 0.0;
  const QuantumChoice choice = choose_quantum(mac22().netlist, mac22().energy, delays22(), params);
  EXPECT_FALSE(choice.converged);
  EXPECT_EQ(choice.trials.size(), 5U);
  EXPECT_EQ(choice.quantum_ps, choice.trials[3].quantum_ps);
  EXPECT_LE(choice.quantum_ps, choice22().quantum_ps);
}

TEST(QuantumChoice, ParametersThatCannotBeMeant_AreRefused) {
  for (const std::size_t transitions : {0, 100}) {
    QuantumChoiceParams params;
    params.transitions = transitions;
    EXPECT_THROW(choose_quantum(mac22().netlist, mac22().energy, delays22(), params),
                 std::invalid_argument);
  }
}

}  // namespace
}  // namespace togglewise::gate
