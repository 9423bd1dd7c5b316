#include "sim/gate/netlist_engine.h"

#include <stdexcept>

#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

const tech::Netlist& accumulator() {
  static const tech::Netlist netlist =
      tech::synthesized(tech::request({tech::rtl_file("accumulator.sv")}, "accumulator"));
  return netlist;
}

const tech::NetlistEnergy& accumulator_energy() {
  static const tech::NetlistEnergy energy = tech::compute_netlist_energy(accumulator(), {});
  return energy;
}

NetlistEngine accumulator_engine(InstructionSet instructions = InstructionSet::best) {
  return {accumulator(),
          accumulator_energy(),
          {"partial_sum", "addend", "subtract"},
          "sum",
          instructions};
}

// Toggles per net by the scalar engine; registers begin in the first cycle's state, and the last
// inputs stay for one more cycle.
std::vector<std::uint64_t> scalar_toggles(const std::vector<std::int32_t>& partial_sum,
                                          const std::vector<std::int32_t>& addend,
                                          const std::vector<std::int32_t>& subtract) {
  ScalarEngine engine(accumulator());
  ToggleCounter counter(accumulator().nets().size());
  const auto apply = [&](std::size_t t) {
    engine.set_input("partial_sum", static_cast<std::uint32_t>(partial_sum[t]) & 0x3FFFFFU);
    engine.set_input("addend", static_cast<std::uint32_t>(addend[t]));
    engine.set_input("subtract", static_cast<std::uint32_t>(subtract[t]));
    engine.settle();
  };
  apply(0);
  engine.clock_edge();
  for (std::size_t t = 0; t <= addend.size(); ++t) {
    apply(std::min(t, addend.size() - 1));
    counter.observe(engine.values());
    engine.clock_edge();
  }
  return counter.toggles();
}

TEST(NetlistEngine, AnAccumulator_TogglesAsTheScalarEngine_OnEveryInstructionSet) {
  for (const InstructionSet instructions :
       {InstructionSet::generic, InstructionSet::avx2, InstructionSet::avx512}) {
    const NetlistEngine engine = accumulator_engine(instructions);
    for (const std::size_t cycles : {1, 2, 511, 512, 513, 1024, 1025, 3071, 3072, 3073, 6500}) {
      const std::vector<std::int32_t> partial_sum = random_streams(cycles, 22, cycles).partial_sum;
      const std::vector<std::int32_t> addend = random_streams(cycles, 30, cycles + 1).partial_sum;
      std::vector<std::int32_t> subtract = random_streams(cycles, 30, cycles + 2).partial_sum;
      for (std::int32_t& bit : subtract) bit &= 1;
      const BitPlanes c = BitPlanes::from_int32(subtract, 1, TimeOrder::interleaved);
      const BitPlanes a = BitPlanes::from_int32(partial_sum, 22, TimeOrder::interleaved);
      const BitPlanes b = BitPlanes::from_int32(addend, 32, TimeOrder::interleaved);
      BitPlanes sum;
      NetlistEngine::Tally tally = engine.make_tally();
      engine.run({&a, &b, &c}, sum, tally);
      const std::vector<std::int32_t> sums = sum.to_int32();
      ASSERT_EQ(sums.size(), cycles);
      for (std::size_t t = 0; t < cycles; ++t) {
        ASSERT_EQ(sums[t], addend[t] + (subtract[t] != 0 ? -partial_sum[t] : partial_sum[t]));
      }
      const std::vector<std::uint64_t> expected = scalar_toggles(partial_sum, addend, subtract);
      double expected_fj = 0.0;
      for (std::size_t net = 0; net < expected.size(); ++net) {
        ASSERT_EQ(engine.net_toggles(tally, static_cast<int>(net)), expected[net])
            << cycles << " " << accumulator().nets()[net].name;
        expected_fj +=
            static_cast<double>(expected[net]) * accumulator_energy().nets[net].total_fj();
      }
      EXPECT_NEAR(engine.energy_fj(tally), expected_fj, 1e-9 * expected_fj);
    }
  }
}

TEST(NetlistEngine, RefusesOtherPorts) {
  const auto make = [](const std::vector<std::string>& inputs, const std::string& output) {
    NetlistEngine(accumulator(), accumulator_energy(), inputs, output);
  };
  EXPECT_THROW(make({"partial_sum", "addend"}, "sum"), std::invalid_argument);
  EXPECT_THROW(make({"partial_sum", "addend", "weight"}, "sum"), std::invalid_argument);
  EXPECT_THROW(make({"partial_sum", "addend", "subtract"}, "total"), std::invalid_argument);
}

TEST(NetlistEngine, RefusesACircuitThatIsNotOneRegisterDeep) {
  const tech::Netlist netlist =
      tech::synthesized(tech::request({tech::rtl_file("weight_register.sv")}, "weight_register"));
  EXPECT_THROW(NetlistEngine(netlist, tech::compute_netlist_energy(netlist, {}),
                             {"shift_enable", "update", "weight_in"}, "weight"),
               std::invalid_argument);
}

TEST(NetlistEngine, RefusesPlanesThatDoNotFit) {
  const NetlistEngine engine = accumulator_engine();
  NetlistEngine::Tally tally = engine.make_tally();
  const BitPlanes a(22, 100, TimeOrder::interleaved);
  const BitPlanes b(32, 100, TimeOrder::interleaved);
  const BitPlanes c(1, 100, TimeOrder::interleaved);
  const BitPlanes consecutive(32, 100);
  const BitPlanes shorter(32, 99, TimeOrder::interleaved);
  BitPlanes out(32, 100, TimeOrder::interleaved);
  EXPECT_THROW(engine.run({&a, &b}, out, tally), std::invalid_argument);
  EXPECT_THROW(engine.run({&b, &b, &c}, out, tally), std::invalid_argument);
  EXPECT_THROW(engine.run({&a, &consecutive, &c}, out, tally), std::invalid_argument);
  EXPECT_THROW(engine.run({&a, &shorter, &c}, out, tally), std::invalid_argument);
  EXPECT_THROW(engine.run({&a, &out, &c}, out, tally), std::invalid_argument);
}

}  // namespace
}  // namespace togglewise::gate
