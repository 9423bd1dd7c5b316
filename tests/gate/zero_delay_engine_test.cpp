#include "sim/gate/zero_delay_engine.h"

#include <stdexcept>

#include "sim/base/parallel.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

// Runs the bit-parallel engine and holds outputs and toggles of every net against the definitions.
void expect_equal_to_scalar(const Mac& mac, const ZeroDelayEngine& engine, int weight,
                            const Streams& streams) {
  const int bits = engine.widths().partial_sum_bits;
  BitPlanes out;
  ToggleTally tally = engine.make_tally();
  engine.run(weight, BitPlanes::from_int8(streams.activation),
             BitPlanes::from_int32(streams.partial_sum, bits), out, tally);
  const std::vector<std::int32_t> sums = out.to_int32();
  ASSERT_EQ(sums.size(), streams.activation.size());
  for (std::size_t t = 0; t < sums.size(); ++t) {
    ASSERT_EQ(sums[t], wrapped(streams.partial_sum[t] + weight * streams.activation[t], bits))
        << "weight " << weight << " cycle " << t;
  }
  const std::vector<std::uint64_t> expected = scalar_toggles(mac.netlist, weight, streams);
  for (std::size_t net = 0; net < expected.size(); ++net) {
    ASSERT_EQ(engine.net_toggles(tally, static_cast<int>(net)), expected[net])
        << "weight " << weight << " net " << mac.netlist.nets()[net].name;
  }
}

TEST(ZeroDelayEngine, EveryWeight_TogglesAsTheScalarEngine) {
  for (int weight = -128; weight <= 127; ++weight) {
    expect_equal_to_scalar(mac22(), engine22(), weight,
                           random_streams(40, 22, static_cast<std::uint64_t>(weight + 1000)));
  }
}

TEST(ZeroDelayEngine, RaggedLengths_ToggleAsTheScalarEngine_OnEveryInstructionSet) {
  for (const InstructionSet instructions :
       {InstructionSet::generic, InstructionSet::avx2, InstructionSet::avx512}) {
    const ZeroDelayEngine engine(mac22().netlist, mac22().energy, instructions);
    for (const std::size_t cycles :
         {1, 2, 63, 64, 65, 511, 512, 513, 1000, 1537, 2049, 2561, 3071, 3072, 3073, 6500}) {
      for (const int weight : {93, -1}) {
        expect_equal_to_scalar(mac22(), engine, weight, random_streams(cycles, 22, cycles));
      }
    }
  }
}

TEST(ZeroDelayEngine, OtherPartialSumWidths_ToggleAsTheScalarEngine) {
  for (const int bits : {18, 24}) {
    const Mac mac(bits);
    const ZeroDelayEngine engine(mac.netlist, mac.energy);
    for (const int weight : {93, 0, -1, 64, -128}) {
      expect_equal_to_scalar(mac, engine, weight, random_streams(700, bits, 5));
    }
  }
}

TEST(ZeroDelayEngine, CornersOfTheRanges_AreExact) {
  const int top = (1 << 21) - 1;
  const Streams corners{
      {-128, -128, 127, 127, -128, 0, 1, -1, 127, -128},
      {top, -top - 1, top, -top - 1, 0, 0, -1, 1, 1048576 - 16384, 1048576 - 16384}};
  for (const int weight : {-128, -127, -1, 0, 1, 127}) {
    expect_equal_to_scalar(mac22(), engine22(), weight, corners);
  }
}

TEST(ZeroDelayEngine, ARowsSums_AreTheNextRowsPartialSums) {
  const Streams streams = random_streams(900, 22, 11);
  BitPlanes sums = BitPlanes::from_int32(std::vector<std::int32_t>(900, 0), 22);
  std::vector<std::int64_t> expected(900, 0);
  ToggleTally tally = engine22().make_tally();
  for (const int weight : {3, -77, 0, 127}) {
    BitPlanes next;
    engine22().run(weight, BitPlanes::from_int8(streams.activation), sums, next, tally);
    sums = std::move(next);
    for (std::size_t t = 0; t < 900; ++t) expected[t] += weight * streams.activation[t];
  }
  const std::vector<std::int32_t> values = sums.to_int32();
  for (std::size_t t = 0; t < 900; ++t) ASSERT_EQ(values[t], expected[t]);
}

TEST(ZeroDelayEngine, TransitionEnergies_SumToTheTotal_OnEveryInstructionSet) {
  for (const InstructionSet instructions :
       {InstructionSet::generic, InstructionSet::avx2, InstructionSet::avx512}) {
    const ZeroDelayEngine engine(mac22().netlist, mac22().energy, instructions);
    for (const std::size_t cycles : {2, 512, 513, 1300}) {
      const Streams streams = random_streams(cycles, 22, 3);
      for (const int weight : {93, 0, -128}) {
        BitPlanes out;
        ToggleTally tally;
        engine.run(weight, BitPlanes::from_int8(streams.activation),
                   BitPlanes::from_int32(streams.partial_sum, 22), out, tally);
        std::vector<float> each(cycles - 1);
        engine.transition_energies_fj(weight, streams.activation.data(), streams.partial_sum.data(),
                                      cycles, each.data());
        double sum = 0.0;
        for (const float energy : each) sum += energy;
        EXPECT_NEAR(sum, engine.energy(tally).total_fj(), 1e-6 * sum);
        EXPECT_EQ(tally.total_transitions(), cycles - 1);
      }
    }
  }
}

TEST(ZeroDelayEngine, OneTransition_CostsTheNetsThatChange) {
  const Streams streams{{17, -5}, {1000, -30}};
  const std::vector<std::uint64_t> toggles = scalar_toggles(mac22().netlist, 93, streams);
  double expected = 0.0;
  for (std::size_t net = 0; net < toggles.size(); ++net) {
    expected += static_cast<double>(toggles[net]) * mac22().energy.nets[net].total_fj();
  }
  float energy = 0.0F;
  engine22().transition_energies_fj(93, streams.activation.data(), streams.partial_sum.data(), 2,
                                    &energy);
  EXPECT_NEAR(energy, expected, 1e-6 * expected);
}

TEST(ZeroDelayEngine, Components_AreTheSumsOfTheirNets) {
  const Streams streams = random_streams(2000, 22, 9);
  BitPlanes out;
  ToggleTally tally;
  engine22().run(-37, BitPlanes::from_int8(streams.activation),
                 BitPlanes::from_int32(streams.partial_sum, 22), out, tally);
  std::vector<double> by_component(tech::kComponents, 0.0);
  for (std::size_t net = 0; net < mac22().netlist.nets().size(); ++net) {
    const tech::NetEnergy& energy = mac22().energy.nets[net];
    by_component[static_cast<std::size_t>(energy.component)] +=
        energy.total_fj() *
        static_cast<double>(engine22().net_toggles(tally, static_cast<int>(net)));
  }
  const ComponentEnergies energy = engine22().energy(tally);
  EXPECT_NEAR(energy.multiplier_fj, by_component[0], 1e-9 * by_component[0]);
  EXPECT_NEAR(energy.adder_fj, by_component[1], 1e-9 * by_component[1]);
  EXPECT_NEAR(energy.partial_sum_register_fj, by_component[2], 1e-9 * by_component[2]);
  EXPECT_NEAR(energy.activation_register_fj, by_component[3], 1e-9 * by_component[3]);
  EXPECT_NEAR(energy.pin_loads_fj, by_component[4], 1e-9 * by_component[4]);
  EXPECT_DOUBLE_EQ(by_component[5], 0.0);
  EXPECT_DOUBLE_EQ(engine22().weight_energy_fj(tally, -37), energy.total_fj());
  EXPECT_DOUBLE_EQ(engine22().weight_energy_fj(tally, 38), 0.0);
}

TEST(ZeroDelayEngine, ConstantInputs_CostNothing) {
  const Streams streams{std::vector<std::int8_t>(600, 77), std::vector<std::int32_t>(600, -4321)};
  BitPlanes out;
  ToggleTally tally;
  engine22().run(93, BitPlanes::from_int8(streams.activation),
                 BitPlanes::from_int32(streams.partial_sum, 22), out, tally);
  EXPECT_DOUBLE_EQ(engine22().energy(tally).total_fj(), 0.0);
}

TEST(ZeroDelayEngine, MergedTallies_AreIdentical_ForAnyThreadCount) {
  const auto tally_with = [](int threads) {
    std::vector<ToggleTally> parts(16);
    parallel_for(parts.size(), threads, [&](std::size_t i) {
      const Streams streams = random_streams(300 + 7 * i, 22, i);
      BitPlanes out;
      for (const int weight : {5, -5, static_cast<int>(i)}) {
        engine22().run(weight, BitPlanes::from_int8(streams.activation),
                       BitPlanes::from_int32(streams.partial_sum, 22), out, parts[i]);
      }
    });
    ToggleTally sum;
    for (const ToggleTally& part : parts) sum += part;
    return sum;
  };
  const ToggleTally one = tally_with(1);
  EXPECT_TRUE(one == tally_with(2));
  EXPECT_EQ(engine22().energy(one).total_fj(), engine22().energy(tally_with(2)).total_fj());
}

TEST(ZeroDelayEngine, AWeightChange_CostsTheNetsThatDiffer_WhileOperandsAreZero) {
  EXPECT_DOUBLE_EQ(engine22().weight_change_energy_fj(93, 93), 0.0);
  EXPECT_GT(engine22().weight_change_energy_fj(0, 93), 0.0);
  EXPECT_DOUBLE_EQ(engine22().weight_change_energy_fj(0, 93),
                   engine22().weight_change_energy_fj(93, 0));
  // At least the weight's own pins, one bit of them here.
  const auto bit0 = static_cast<std::size_t>(mac22().netlist.port("weight")->bits[0]);
  EXPECT_GE(engine22().weight_change_energy_fj(0, 1), mac22().energy.nets[bit0].total_fj());
}

TEST(ZeroDelayEngine, EmptyAndSingleCycleStreams_HaveNoTransitions) {
  BitPlanes out;
  ToggleTally tally;
  engine22().run(5, BitPlanes(8, 0), BitPlanes(22, 0), out, tally);
  EXPECT_EQ(out.cycles(), 0U);
  engine22().run(5, BitPlanes::from_int8({7}), BitPlanes::from_int32({100}, 22), out, tally);
  EXPECT_EQ(out.to_int32(), std::vector<std::int32_t>{135});
  EXPECT_EQ(tally.total_transitions(), 0U);
  float untouched = 42.0F;
  const std::int8_t activation = 1;
  const std::int32_t partial_sum = 1;
  engine22().transition_energies_fj(5, &activation, &partial_sum, 1, &untouched);
  EXPECT_EQ(untouched, 42.0F);
}

TEST(ZeroDelayEngine, CallsThatCannotBeMeant_AreRefused) {
  BitPlanes out;
  ToggleTally tally;
  EXPECT_THROW(engine22().run(128, BitPlanes(8, 5), BitPlanes(22, 5), out, tally),
               std::out_of_range);
  EXPECT_THROW(engine22().run(0, BitPlanes(8, 5), BitPlanes(22, 6), out, tally),
               std::invalid_argument);
  EXPECT_THROW(engine22().run(0, BitPlanes(8, 5), BitPlanes(18, 5), out, tally),
               std::invalid_argument);
  BitPlanes both(22, 5);
  EXPECT_THROW(engine22().run(0, BitPlanes(8, 5), both, both, tally), std::invalid_argument);
}

TEST(ZeroDelayEngine, TakesStreamsInAnyOrder) {
  const Streams streams = random_streams(1500, 22, 21);
  std::vector<ToggleTally> tallies;
  for (const TimeOrder order : {TimeOrder::consecutive, TimeOrder::interleaved}) {
    BitPlanes out;
    tallies.push_back(engine22().make_tally());
    engine22().run(93, BitPlanes::from_int8(streams.activation, 8, order),
                   BitPlanes::from_int32(streams.partial_sum, 22, order), out, tallies.back());
    EXPECT_EQ(out.order(), engine22().time_order());
  }
  EXPECT_TRUE(tallies[0] == tallies[1]);
}

PeOperands random_operands(Random& random) {
  PeOperands operands;
  operands.weight = static_cast<std::int8_t>(random.between(-128, 127));
  operands.activation = static_cast<std::int8_t>(random.between(-128, 127));
  operands.partial_sum = random.between(-(1 << 21), (1 << 21) - 1);
  return operands;
}

// Every net's settled value before and after, registers included.
double scalar_change_fj(const PeOperands& before, const PeOperands& after) {
  ScalarEngine engine(mac22().netlist);
  const auto settle = [&](const PeOperands& operands) {
    engine.set_input("weight", static_cast<std::uint64_t>(operands.weight));
    engine.set_input("activation_in", static_cast<std::uint64_t>(operands.activation));
    engine.set_input("partial_sum_in", static_cast<std::uint64_t>(operands.partial_sum));
    engine.settle();
    engine.clock_edge();
    engine.settle();
    return engine.values();
  };
  const std::vector<std::uint8_t> old = settle(before);
  const std::vector<std::uint8_t> now = settle(after);
  double energy_fj = 0.0;
  for (std::size_t net = 0; net < old.size(); ++net) {
    if (old[net] != now[net]) energy_fj += mac22().energy.nets[net].total_fj();
  }
  return energy_fj;
}

TEST(ZeroDelayEngine, ChangesOfAllOperands_CostWhatTheScalarEngineSays_OnEveryInstructionSet) {
  for (const InstructionSet instructions :
       {InstructionSet::generic, InstructionSet::avx2, InstructionSet::avx512}) {
    const ZeroDelayEngine engine(mac22().netlist, mac22().energy, instructions);
    Random random(17);
    for (const std::size_t count : {0, 1, 511, 512, 513, 1100}) {
      std::vector<PeOperands> before(count);
      std::vector<PeOperands> after(count);
      std::vector<double> energy_fj(count);
      double sum_fj = 0.0;
      for (std::size_t i = 0; i < count; ++i) {
        before[i] = random_operands(random);
        after[i] = random_operands(random);
      }
      engine.change_energies_fj(before.data(), after.data(), count, energy_fj.data());
      for (std::size_t i = 0; i < count; ++i) {
        sum_fj += energy_fj[i];
        if (i % 13 != 0 && i + 2 < count) continue;
        const double expected_fj = scalar_change_fj(before[i], after[i]);
        ASSERT_NEAR(energy_fj[i], expected_fj, 1e-9 * expected_fj) << count << " " << i;
      }
      const double together_fj =
          engine.sum_of_changes(before.data(), after.data(), count).total_fj();
      EXPECT_NEAR(together_fj, sum_fj, 1e-9 * sum_fj);
    }
  }
}

TEST(ZeroDelayEngine, SumOfChanges_UnderOneWeight_IsSplitAsTheStreams) {
  const Streams streams = random_streams(301, 22, 12);
  BitPlanes out;
  ToggleTally tally;
  engine22().run(-37, BitPlanes::from_int8(streams.activation),
                 BitPlanes::from_int32(streams.partial_sum, 22), out, tally);
  std::vector<PeOperands> states;
  for (std::size_t t = 0; t < 301; ++t) {
    states.push_back({-37, streams.activation[t], streams.partial_sum[t]});
  }
  const ComponentEnergies expected = engine22().energy(tally);
  const ComponentEnergies sum =
      engine22().sum_of_changes(states.data(), states.data() + 1, states.size() - 1);
  EXPECT_NEAR(sum.multiplier_fj, expected.multiplier_fj, 1e-9 * expected.multiplier_fj);
  EXPECT_NEAR(sum.adder_fj, expected.adder_fj, 1e-9 * expected.adder_fj);
  EXPECT_NEAR(sum.partial_sum_register_fj, expected.partial_sum_register_fj, 1e-3);
  EXPECT_NEAR(sum.activation_register_fj, expected.activation_register_fj, 1e-3);
  EXPECT_NEAR(sum.pin_loads_fj, expected.pin_loads_fj, 1e-9 * expected.pin_loads_fj);
}

}  // namespace
}  // namespace togglewise::gate
