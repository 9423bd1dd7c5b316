#include "sim/tech/netlist_energy.h"

#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::HasSubstr;

// a → INV → n → DFF → q, clocked by ck; all in tiny.lib's cells.
const char* const kInverterAndRegister = R"({"modules": {"demo": {"attributes": {},
  "ports": {"a": {"direction": "input", "bits": [2]}, "ck": {"direction": "input", "bits": [3]},
            "q": {"direction": "output", "bits": [5]}},
  "cells": {"i": {"type": "INV", "connections": {"A": [2], "Y": [4]}},
            "r": {"type": "DFF", "connections": {"D": [4], "CK": [3], "Q": [5]}}},
  "netnames": {"a": {"bits": [2]}, "ck": {"bits": [3]}, "n": {"bits": [4]}, "q": {"bits": [5]}}}}})";

const NetEnergy& energy_at(const Netlist& netlist, const NetlistEnergy& energy,
                           const std::string& name) {
  for (std::size_t i = 0; i < netlist.nets().size(); ++i) {
    if (netlist.nets()[i].name == name) return energy.nets[i];
  }
  throw std::out_of_range(name);
}

TEST(NetlistEnergy, ASmallCircuit_CostsWhatTheFormulaSays) {
  const Netlist netlist =
      Netlist::parse(kInverterAndRegister, "demo.json", CellLibrary::read(data_file("tiny.lib")));
  const EnergyParameters parameters{0.3, 1.0, 1000.0};
  const NetlistEnergy energy = compute_netlist_energy(netlist, parameters, {{"q", {5.0}}});

  // a: no driver; INV.A 3 fF + 1 fF wire at 2 V.
  const NetEnergy& a = energy_at(netlist, energy, "a");
  EXPECT_EQ(a.component, Component::pin_loads);
  EXPECT_DOUBLE_EQ(a.internal_fj, 0.0);
  EXPECT_DOUBLE_EQ(a.switching_fj, 0.5 * 4.0 * 4.0);
  // n: DFF.D 2 fF + 1 fF. INV at 300 ps and 3 fF = 1.5 units: rise (400+500)/2 · 0.02 fJ, fall 0.
  const NetEnergy& n = energy_at(netlist, energy, "n");
  EXPECT_EQ(n.component, Component::other);
  EXPECT_NEAR(n.internal_fj, 0.5 * 450.0 * 0.02, 1e-9);
  EXPECT_DOUBLE_EQ(n.switching_fj, 0.5 * 3.0 * 4.0);
  EXPECT_DOUBLE_EQ(n.passive_fj, 0.0);
  // q: the outside load counts for the lookup only, and this table does not depend on it.
  const NetEnergy& q = energy_at(netlist, energy, "q");
  EXPECT_NEAR(q.internal_fj, 200.0 * 0.02, 1e-9);
  EXPECT_DOUBLE_EQ(q.switching_fj, 0.0);
  // Clock: passive 100 + 50 units, and (4 + 1) fF · (2 V)².
  EXPECT_NEAR(energy.clock_fj_per_cycle, 150.0 * 0.02 + 5.0 * 4.0, 1e-9);
  EXPECT_DOUBLE_EQ(energy_at(netlist, energy, "ck").total_fj(), 0.0);
  // 0.05 nW + 0.03 nW for 1 ns.
  EXPECT_NEAR(energy.leakage_fj_per_cycle(), 0.08e-3, 1e-12);
  EXPECT_DOUBLE_EQ(energy.area, 13.0);
}

TEST(NetlistEnergy, TheMacsNets_BelongToTheirDriversComponent) {
  const Netlist mac = synthesized(mac_request());
  const NetlistEnergy energy = compute_mac_energy(mac, {});
  for (std::size_t i = 2; i < mac.nets().size(); ++i) {
    const Net& net = mac.nets()[i];
    const Component component = energy.nets[i].component;
    if (static_cast<int>(i) == mac.clock_net()) continue;
    EXPECT_GT(energy.nets[i].total_fj(), 0.0) << net.name;
    if (net.driver.cell == kNone) {
      EXPECT_EQ(component, Component::pin_loads) << net.name;
    } else if (net.name.rfind("activation_out", 0) == 0) {
      EXPECT_EQ(component, Component::activation_register);
    } else if (net.name.rfind("partial_sum_out", 0) == 0) {
      EXPECT_EQ(component, Component::partial_sum_register);
    } else {
      const bool multiplier = mac.cell(net.driver.cell).name.rfind("u_multiplier.", 0) == 0;
      EXPECT_EQ(component, multiplier ? Component::multiplier : Component::adder) << net.name;
    }
  }
}

TEST(NetlistEnergy, ARegistersOutput_SeesTheNeighbour_ButDoesNotPayForItsPins) {
  const Netlist mac = synthesized(mac_request());
  const NetlistEnergy alone = compute_netlist_energy(mac, {});
  const NetlistEnergy placed = compute_mac_energy(mac, {});
  const NetIndex out = mac.port("activation_out")->bits[3];
  const auto index = static_cast<std::size_t>(out);
  EXPECT_DOUBLE_EQ(placed.nets[index].switching_fj, alone.nets[index].switching_fj);
  EXPECT_NE(placed.nets[index].internal_fj, alone.nets[index].internal_fj);
  EXPECT_DOUBLE_EQ(placed.clock_fj_per_cycle, alone.clock_fj_per_cycle);
}

TEST(NetlistEnergy, MoreWireAndSlowerEdges_CostMore) {
  const Netlist mac = synthesized(mac_request());
  const auto sum = [&](const EnergyParameters& parameters) {
    double total = 0.0;
    for (const NetEnergy& net : compute_mac_energy(mac, parameters).nets) total += net.total_fj();
    return total;
  };
  const double base = sum({0.1, 4.0, 8000.0});
  EXPECT_GT(sum({0.1, 8.0, 8000.0}), base);
  EXPECT_GT(sum({0.6, 4.0, 8000.0}), base);
}

TEST(RegisterBitEnergy, IsOutputPlusNextInput) {
  const Netlist netlist =
      Netlist::parse(kInverterAndRegister, "demo.json", CellLibrary::read(data_file("tiny.lib")));
  const RegisterBitEnergy bit = register_bit_energy(netlist, {0.3, 1.0, 1000.0});
  EXPECT_NEAR(bit.toggle_fj, 200.0 * 0.02 + 0.5 * 3.0 * 4.0, 1e-9);
  EXPECT_NEAR(bit.clock_fj_per_cycle, 150.0 * 0.02 + 5.0 * 4.0, 1e-9);
  EXPECT_DOUBLE_EQ(bit.area, 10.0);
}

TEST(NetlistEnergy, ALibraryWithoutPower_IsRefused) {
  const char* inverter = R"({"modules": {"demo": {"attributes": {},
    "ports": {"a": {"direction": "input", "bits": [2]}, "y": {"direction": "output", "bits": [3]}},
    "cells": {"i": {"type": "INV", "connections": {"A": [2], "Y": [3]}}},
    "netnames": {"a": {"bits": [2]}, "y": {"bits": [3]}}}}})";
  const Netlist netlist =
      Netlist::parse(inverter, "demo.json", CellLibrary::read(data_file("no_power.lib")));
  const Error error = error_of([&] { compute_netlist_energy(netlist, {}); });
  EXPECT_EQ(error.id(), "TW-NET-008");
  EXPECT_THAT(error.message(), HasSubstr("INV"));
}

}  // namespace
}  // namespace togglewise::tech
