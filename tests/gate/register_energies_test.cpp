#include "sim/gate/register_energies.h"

#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

TEST(RegisterEnergies, TheWeightRegister_IsDescribedByItsToggles) {
  const tech::Netlist netlist =
      tech::synthesized(tech::request({tech::rtl_file("weight_register.sv")}, "weight_register"));
  const RegisterEnergies energies = weight_register_energies(netlist, mac22().netlist, {});
  EXPECT_GT(energies.shadow_toggle_fj, 50.0);
  EXPECT_LT(energies.shadow_toggle_fj, 2000.0);
  EXPECT_GT(energies.weight_toggle_fj, 50.0);
  EXPECT_LT(energies.weight_toggle_fj, 2000.0);
  EXPECT_GT(energies.control_fj_per_load, 0.0);
  EXPECT_LT(energies.relative_error, 0.05);
  const tech::NetlistEnergy direct = tech::compute_netlist_energy(netlist, {});
  EXPECT_DOUBLE_EQ(energies.clock_fj_per_cycle, direct.clock_fj_per_cycle);
  EXPECT_DOUBLE_EQ(energies.leakage_nw, netlist.leakage_nw());
}

TEST(RegisterEnergies, AnotherCircuit_IsReported) {
  const Error error =
      tech::error_of([] { weight_register_energies(mac22().netlist, mac22().netlist, {}); });
  EXPECT_EQ(error.id(), "TW-GATE-003");
}

TEST(CycleEnergies, TheAccumulator_CostsNothingWhenNothingMoves) {
  const tech::Netlist netlist =
      tech::synthesized(tech::request({tech::rtl_file("accumulator.sv")}, "accumulator"));
  const tech::NetlistEnergy energy = tech::compute_netlist_energy(netlist, {});
  const std::vector<double> quiet =
      cycle_energies_fj(netlist, energy,
                        {{"partial_sum", std::vector<std::uint64_t>(5, 0)},
                         {"addend", std::vector<std::uint64_t>(5, 0)}});
  EXPECT_EQ(quiet, std::vector<double>(5, 0.0));
  const std::vector<double> moving =
      cycle_energies_fj(netlist, energy, {{"partial_sum", {0, 1, 1, 1}}, {"addend", {0, 0, 0, 0}}});
  EXPECT_GT(moving[1], 0.0);  // the adder
  EXPECT_GT(moving[2], 0.0);  // the register, one cycle later
  EXPECT_DOUBLE_EQ(moving[3], 0.0);
}

TEST(CycleEnergies, AgreeWithTheMacEngine) {
  const Streams streams = random_streams(300, 22, 4);
  PortStreams ports;
  for (std::size_t t = 0; t <= 300; ++t) {
    const std::size_t source = t < 300 ? t : 299;
    ports["weight"].push_back(93);
    ports["activation_in"].push_back(
        static_cast<std::uint64_t>(source == 0 ? 0 : streams.activation[source]));
    ports["partial_sum_in"].push_back(
        static_cast<std::uint64_t>(source == 0 ? 0 : streams.partial_sum[source]));
  }
  double expected = 0.0;
  for (const double energy : cycle_energies_fj(mac22().netlist, mac22().energy, ports)) {
    expected += energy;
  }
  std::vector<std::int8_t> activation = streams.activation;
  std::vector<std::int32_t> partial_sum = streams.partial_sum;
  activation[0] = 0;
  partial_sum[0] = 0;
  BitPlanes out;
  ToggleTally tally;
  engine22().run(93, BitPlanes::from_int8(activation), BitPlanes::from_int32(partial_sum, 22), out,
                 tally);
  EXPECT_NEAR(engine22().energy(tally).total_fj(), expected, 1e-9 * expected);
}

}  // namespace
}  // namespace togglewise::gate
