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

const char* const kLiberties[] = {"osu018/osu018_stdcells.lib", "osu035/osu035_stdcells.lib",
                                  "osu050/osu05_stdcells.lib"};

TEST(NetlistEnergy, Components_AddUpToTheWhole_ForBothArchitecturesOnEveryLibrary) {
  for (const char* liberty : kLiberties) {
    for (SynthesisRequest request : {mac_request(), booth_request(), own_mac_request()}) {
      request.liberty_file = std::filesystem::path("/usr/share/qflow/tech") / liberty;
      const Netlist mac = synthesized(request);
      const NetlistEnergy energy = compute_mac_energy(mac, {0.1, 8.0, 50000.0});
      ComponentTotals sum;
      for (const ComponentTotals& part : energy.components) {
        sum.cells += part.cells;
        sum.registers += part.registers;
        sum.area += part.area;
        sum.leakage_nw += part.leakage_nw;
        sum.clock_fj_per_cycle += part.clock_fj_per_cycle;
      }
      EXPECT_EQ(sum.cells, static_cast<int>(mac.cells().size()));
      EXPECT_EQ(sum.registers, 30);
      EXPECT_NEAR(sum.area, energy.area, 1e-9 * energy.area);
      EXPECT_NEAR(sum.leakage_nw, energy.leakage_nw, 1e-9 * energy.leakage_nw);
      EXPECT_NEAR(sum.clock_fj_per_cycle, energy.clock_fj_per_cycle,
                  1e-9 * energy.clock_fj_per_cycle);
      EXPECT_EQ(energy.totals(Component::activation_register).registers, 8);
      EXPECT_EQ(energy.totals(Component::partial_sum_register).registers, 22);
      EXPECT_EQ(energy.totals(Component::other).cells, 0);
      EXPECT_EQ(energy.totals(Component::pin_loads).cells, 0);
      EXPECT_GT(energy.totals(Component::multiplier).cells, 50);
      EXPECT_GT(energy.totals(Component::adder).cells, 50);
    }
  }
}

TEST(NetlistEnergy, WithoutAMultiplierInstance_TheAdder_IsWhatThePartialSumReaches) {
  const Netlist mac = synthesized(own_mac_request());
  const NetlistEnergy energy = compute_mac_energy(mac, {});
  // A net of the multiplier does not move with the partial sum; one of the adder's outputs does.
  for (std::size_t i = 2; i < mac.nets().size(); ++i) {
    const Net& net = mac.nets()[i];
    if (net.driver.cell == kNone || mac.cell(net.driver.cell).type->is_register()) continue;
    const bool reads_sum = energy.nets[i].component == Component::adder;
    for (const int pin : mac.cell(net.driver.cell).type->inputs) {
      const NetIndex in = mac.cell(net.driver.cell).nets[static_cast<std::size_t>(pin)];
      if (energy.nets[static_cast<std::size_t>(in)].component == Component::adder) {
        EXPECT_TRUE(reads_sum) << net.name;
      }
    }
  }
  for (const NetIndex net : mac.port("partial_sum_in")->bits) {
    for (const PinReference& load : mac.net(net).loads) {
      EXPECT_EQ(energy.cell_components[static_cast<std::size_t>(load.cell)], Component::adder);
    }
  }
}

TEST(NetlistEnergy, RegistersBeforeTheLogic_BelongToWhatTheyHold) {
  const Netlist mac = synthesized(request({data_file("mac_registered_inputs.sv")}, "mac"));
  const NetlistEnergy energy = compute_mac_energy(mac, {});
  EXPECT_EQ(energy.totals(Component::partial_sum_register).registers, 22);
  EXPECT_EQ(energy.totals(Component::activation_register).registers, 8);
  EXPECT_EQ(energy.totals(Component::multiplier).registers, 8) << "the held weight";
  EXPECT_EQ(energy.totals(Component::partial_sum_register).cells, 22);
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
