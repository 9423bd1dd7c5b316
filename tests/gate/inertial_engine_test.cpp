#include "sim/gate/inertial_engine.h"

#include <stdexcept>

#include "sim/base/parallel.h"
#include "sim/gate/event_energies.h"
#include "tests/gate/inertial_fixture.h"
#include "tests/gate/reference_netlists.h"

namespace togglewise::gate {
namespace {

struct Result {
  BitPlanes sums;
  ToggleTally tally;
};

Result run(const MacEngine& engine, int weight, const Streams& streams) {
  Result result;
  engine.run(weight, BitPlanes::from_int8(streams.activation),
             BitPlanes::from_int32(streams.partial_sum, engine.widths().partial_sum_bits),
             result.sums, result.tally);
  return result;
}

void expect_sums(const BitPlanes& planes, int weight, const Streams& streams, int bits) {
  const std::vector<std::int32_t> sums = planes.to_int32();
  ASSERT_EQ(sums.size(), streams.activation.size());
  for (std::size_t t = 0; t < sums.size(); ++t) {
    ASSERT_EQ(sums[t], wrapped(streams.partial_sum[t] + weight * streams.activation[t], bits))
        << "weight " << weight << " cycle " << t;
  }
}

template <typename AnyMac>
void expect_toggles(const AnyMac& mac, const MacEngine& engine, const Result& result, int weight,
                    const std::vector<std::uint64_t>& expected) {
  for (std::size_t net = 0; net < expected.size(); ++net) {
    ASSERT_EQ(engine.net_toggles(result.tally, static_cast<int>(net)), expected[net])
        << "weight " << weight << " net " << mac.netlist.nets()[net].name;
  }
}

// Against the event-driven engine, for streams that would take the letter of the rule too long.
template <typename AnyMac>
void expect_equal_to_events(const AnyMac& mac, const InertialEngine& engine,
                            const InertialModel& model, int weight, const Streams& streams) {
  const Result result = run(engine, weight, streams);
  expect_sums(result.sums, weight, streams, engine.widths().partial_sum_bits);
  std::vector<PeOperands> operands;
  for (std::size_t t = 0; t < streams.activation.size(); ++t) {
    operands.push_back(
        {static_cast<std::int8_t>(weight), streams.activation[t], streams.partial_sum[t]});
  }
  const MacActivity activity = inertial_mac_activity(mac.netlist, mac.energy, model, operands);
  expect_toggles(mac, engine, result, weight, activity.toggles);
}

TEST(InertialEngine, EveryWeight_TogglesByTheLetterOfTheRule) {
  const InertialModel model = model22(50.0);
  for (int weight = -128; weight <= 127; ++weight) {
    const Streams streams = random_streams(8, 22, static_cast<std::uint64_t>(weight + 1000));
    const Result result = run(inertial22(), weight, streams);
    expect_sums(result.sums, weight, streams, 22);
    expect_toggles(mac22(), inertial22(), result, weight,
                   reference_toggles(mac22().netlist, model, weight, streams));
  }
}

TEST(InertialEngine, EveryQuantum_TogglesByTheLetterOfTheRule) {
  for (const double quantum_ps : {200.0, 77.0, 12.5}) {
    const InertialModel model = model22(quantum_ps);
    const InertialEngine engine(mac22().netlist, mac22().energy, model);
    for (const int weight : {93, -1, 0, 64, -128}) {
      const Streams streams = random_streams(6, 22, 7);
      const Result result = run(engine, weight, streams);
      expect_toggles(mac22(), engine, result, weight,
                     reference_toggles(mac22().netlist, model, weight, streams));
    }
  }
}

TEST(InertialEngine, LongStreams_ToggleAsTheEventEngine) {
  const InertialModel model = model22(50.0);
  for (const int weight : {93, -1, 1, 0, 127, -128, 64, -64, 85, -37}) {
    expect_equal_to_events(mac22(), inertial22(), model, weight, random_streams(1100, 22, 3));
  }
}

TEST(InertialEngine, RaggedLengths_ToggleAsTheEventEngine_OnEveryInstructionSet) {
  for (const double quantum_ps : {50.0, 20.0}) {
    const InertialModel model = model22(quantum_ps);
    for (const InstructionSet instructions :
         {InstructionSet::generic, InstructionSet::avx2, InstructionSet::avx512}) {
      const InertialEngine engine(mac22().netlist, mac22().energy, model, instructions);
      for (const std::size_t cycles : {1, 2, 63, 64, 65, 511, 512, 513, 1024, 1025}) {
        expect_equal_to_events(mac22(), engine, model, cycles % 2 == 0 ? 93 : -1,
                               random_streams(cycles, 22, cycles));
      }
    }
  }
}

TEST(InertialEngine, OtherPartialSumWidths_ToggleAsTheEventEngine) {
  for (const int bits : {18, 24}) {
    const Mac mac(bits);
    const InertialModel model =
        make_inertial_model(mac.netlist, tech::compute_delays(mac.netlist, {}), 50.0);
    const InertialEngine engine(mac.netlist, mac.energy, model);
    for (const int weight : {93, 0, -1, -128}) {
      expect_equal_to_events(mac, engine, model, weight, random_streams(300, bits, 5));
    }
  }
}

TEST(InertialEngine, OtherLibrariesAndMultipliers_ToggleAsTheEventEngine) {
  for (const ReferenceCase& chosen : reference_cases()) {
    SCOPED_TRACE(case_name(chosen));
    const ReferenceNetlist reference(chosen);
    const InertialModel model =
        make_inertial_model(reference.netlist, tech::compute_delays(reference.netlist, {}), 50.0);
    const InertialEngine engine(reference.netlist, reference.energy, model);
    for (const int weight : {93, -1}) {
      expect_equal_to_events(reference, engine, model, weight, random_streams(150, 22, 6));
    }
  }
}

TEST(InertialEngine, CornersOfTheRanges_AreExact) {
  const int top = (1 << 21) - 1;
  const Streams corners{
      {-128, -128, 127, 127, -128, 0, 1, -1, 127, -128},
      {top, -top - 1, top, -top - 1, 0, 0, -1, 1, 1048576 - 16384, 1048576 - 16384}};
  const InertialModel model = model22(50.0);
  for (const int weight : {-128, -127, -1, 0, 1, 127}) {
    expect_equal_to_events(mac22(), inertial22(), model, weight, corners);
  }
}

TEST(InertialEngine, Glitches_ComeOnTopOfSettledToggles) {
  const Streams streams = random_streams(2000, 22, 9);
  const Result glitchy = run(inertial22(), 93, streams);
  const Result settled = run(engine22(), 93, streams);
  std::uint64_t glitches = 0;
  for (std::size_t net = 0; net < mac22().netlist.nets().size(); ++net) {
    const auto index = static_cast<int>(net);
    const std::uint64_t all = inertial22().net_toggles(glitchy.tally, index);
    const std::uint64_t needed = engine22().net_toggles(settled.tally, index);
    ASSERT_GE(all, needed) << mac22().netlist.nets()[net].name;
    ASSERT_EQ((all - needed) % 2, 0U) << mac22().netlist.nets()[net].name;
    glitches += all - needed;
  }
  EXPECT_GT(glitches, 0U);
}

TEST(InertialEngine, ARowsSums_AreTheNextRowsPartialSums) {
  const Streams streams = random_streams(900, 22, 11);
  BitPlanes sums = BitPlanes::from_int32(std::vector<std::int32_t>(900, 0), 22);
  std::vector<std::int64_t> expected(900, 0);
  ToggleTally tally = inertial22().make_tally();
  for (const int weight : {3, -77, 0, 127}) {
    BitPlanes next;
    inertial22().run(weight, BitPlanes::from_int8(streams.activation), sums, next, tally);
    sums = std::move(next);
    for (std::size_t t = 0; t < 900; ++t) expected[t] += weight * streams.activation[t];
  }
  const std::vector<std::int32_t> values = sums.to_int32();
  for (std::size_t t = 0; t < 900; ++t) ASSERT_EQ(values[t], expected[t]);
}

TEST(InertialEngine, PlanesInOtherOrders_GiveTheSame) {
  const Streams streams = random_streams(1700, 22, 12);
  const Result expected = run(inertial22(), 93, streams);
  BitPlanes sums;
  ToggleTally tally;
  inertial22().run(93, BitPlanes::from_int8(streams.activation, 8, TimeOrder::interleaved),
                   BitPlanes::from_int32(streams.partial_sum, 22), sums, tally);
  EXPECT_TRUE(tally == expected.tally);
  EXPECT_EQ(sums.to_int32(), expected.sums.to_int32());
  EXPECT_EQ(sums.order(), inertial22().time_order());
}

TEST(InertialEngine, TransitionEnergies_AreTheEventEngines_OnEveryInstructionSet) {
  // The fine quantum has windows beyond the unrolled kernels.
  for (const InstructionSet instructions :
       {InstructionSet::generic, InstructionSet::avx2, InstructionSet::avx512}) {
    for (const double quantum_ps : {50.0, 20.0}) {
      const InertialModel model = model22(quantum_ps);
      const InertialEngine engine(mac22().netlist, mac22().energy, model, instructions);
      for (const int weight : {93, 0}) {
        const Streams streams = random_streams(520, 22, 3);
        std::vector<PeOperands> operands;
        for (std::size_t t = 0; t < 520; ++t) {
          operands.push_back(
              {static_cast<std::int8_t>(weight), streams.activation[t], streams.partial_sum[t]});
        }
        const MacActivity activity =
            inertial_mac_activity(mac22().netlist, mac22().energy, model, operands);
        std::vector<float> each(519);
        engine.transition_energies_fj(weight, streams.activation.data(), streams.partial_sum.data(),
                                      520, each.data());
        double sum_fj = 0.0;
        for (std::size_t t = 0; t < each.size(); ++t) {
          ASSERT_NEAR(each[t], activity.transition_energy_fj[t], 1e-6 * each[t] + 1e-6) << t;
          sum_fj += each[t];
        }
        const Result result = run(engine, weight, streams);
        EXPECT_NEAR(sum_fj, engine.energy(result.tally).total_fj(), 1e-6 * sum_fj);
        EXPECT_EQ(result.tally.total_transitions(), 519U);
      }
    }
  }
}

TEST(InertialEngine, ChangesOfWeightAndOperands_CostWhatTheEventEngineCounts) {
  Random random(4);
  const auto operands = [&] {
    return PeOperands{static_cast<std::int8_t>(random.between(-128, 127)),
                      static_cast<std::int8_t>(random.between(-128, 127)),
                      random.between(-(1 << 21), (1 << 21) - 1)};
  };
  std::vector<PeOperands> before;
  std::vector<PeOperands> after;
  for (int i = 0; i < 600; ++i) {  // more than one step
    before.push_back(operands());
    after.push_back(operands());
  }
  std::vector<double> energies(before.size());
  inertial22().change_energies_fj(before.data(), after.data(), before.size(), energies.data());
  const InertialModel model = model22(50.0);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double expected =
        inertial_mac_activity(mac22().netlist, mac22().energy, model, {before[i], after[i]})
            .energy_fj();
    ASSERT_NEAR(energies[i], expected, 1e-9 * expected) << i;
  }
  double sum_fj = 0.0;
  for (const double energy : energies) sum_fj += energy;
  const ComponentEnergies sum =
      inertial22().sum_of_changes(before.data(), after.data(), before.size());
  EXPECT_NEAR(sum.total_fj(), sum_fj, 1e-9 * sum_fj);
  EXPECT_GT(sum.multiplier_fj, 0.0);
  EXPECT_GT(sum.adder_fj, 0.0);
  EXPECT_GT(sum.partial_sum_register_fj, 0.0);
  EXPECT_GT(sum.pin_loads_fj, 0.0);
}

TEST(InertialEngine, AWeightChange_CostsItsGlitches_WhileOperandsAreZero) {
  const InertialModel model = model22(50.0);
  for (const int to : {93, -128, -1, 1}) {
    const std::vector<PeOperands> change{{0, 0, 0}, {static_cast<std::int8_t>(to), 0, 0}};
    const double expected =
        inertial_mac_activity(mac22().netlist, mac22().energy, model, change).energy_fj();
    EXPECT_NEAR(inertial22().weight_change_energy_fj(0, to), expected, 1e-9 * expected);
  }
  EXPECT_DOUBLE_EQ(inertial22().weight_change_energy_fj(93, 93), 0.0);
}

TEST(InertialEngine, ConstantInputs_CostNothing) {
  const Streams streams{std::vector<std::int8_t>(600, 77), std::vector<std::int32_t>(600, -4321)};
  EXPECT_DOUBLE_EQ(inertial22().energy(run(inertial22(), 93, streams).tally).total_fj(), 0.0);
}

TEST(InertialEngine, MergedTallies_AreIdentical_ForAnyThreadCount) {
  const auto tally_with = [](int threads) {
    std::vector<ToggleTally> parts(16);
    parallel_for(parts.size(), threads, [&](std::size_t i) {
      const Streams streams = random_streams(300 + 7 * i, 22, i);
      BitPlanes out;
      for (const int weight : {5, -5, static_cast<int>(i)}) {
        inertial22().run(weight, BitPlanes::from_int8(streams.activation),
                         BitPlanes::from_int32(streams.partial_sum, 22), out, parts[i]);
      }
    });
    ToggleTally sum;
    for (const ToggleTally& part : parts) sum += part;
    return sum;
  };
  const ToggleTally one = tally_with(1);
  EXPECT_TRUE(one == tally_with(2));
  EXPECT_TRUE(one == tally_with(5));
}

TEST(InertialEngine, EmptyAndSingleCycleStreams_HaveNoTransitions) {
  BitPlanes out;
  ToggleTally tally;
  inertial22().run(5, BitPlanes(8, 0), BitPlanes(22, 0), out, tally);
  EXPECT_EQ(out.cycles(), 0U);
  inertial22().run(5, BitPlanes::from_int8({7}), BitPlanes::from_int32({100}, 22), out, tally);
  EXPECT_EQ(out.to_int32(), std::vector<std::int32_t>{135});
  EXPECT_EQ(tally.total_transitions(), 0U);
  float untouched = 42.0F;
  const std::int8_t activation = 1;
  const std::int32_t partial_sum = 1;
  inertial22().transition_energies_fj(5, &activation, &partial_sum, 1, &untouched);
  EXPECT_EQ(untouched, 42.0F);
}

TEST(InertialEngine, CallsThatCannotBeMeant_AreRefused) {
  BitPlanes out;
  ToggleTally tally;
  EXPECT_THROW(inertial22().run(128, BitPlanes(8, 5), BitPlanes(22, 5), out, tally),
               std::out_of_range);
  EXPECT_THROW(inertial22().run(0, BitPlanes(8, 5), BitPlanes(22, 6), out, tally),
               std::invalid_argument);
}

TEST(InertialEngine, Timing_NamesTheRuleAndItsQuantum) {
  EXPECT_EQ(inertial22().timing(), "inertial, 50 ps");
  EXPECT_EQ(InertialEngine(mac22().netlist, mac22().energy, model22(12.5)).timing(),
            "inertial, 12.5 ps");
}

}  // namespace
}  // namespace togglewise::gate
