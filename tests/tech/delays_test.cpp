#include "sim/tech/delays.h"

#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::HasSubstr;

// x and the sum's input go into a half adder; its sum is kept in a slow register, its carry passes
// a buffer into a fast one.
const char* const kCircuit = R"({"modules": {"demo": {"attributes": {},
  "ports": {"x": {"direction": "input", "bits": [2]},
            "sum_in": {"direction": "input", "bits": [3]},
            "ck": {"direction": "input", "bits": [4]},
            "carry_out": {"direction": "output", "bits": [9]},
            "sum_out": {"direction": "output", "bits": [8]}},
  "cells": {"fast": {"type": "DFF", "connections": {"D": [7], "CK": [4], "Q": [9]}},
            "slow": {"type": "SLOWDFF", "connections": {"D": [5], "CK": [4], "Q": [8]}},
            "half": {"type": "HALF", "connections": {"A": [2], "B": [3], "S": [5], "C": [6]}},
            "buffer": {"type": "BUF", "connections": {"A": [6], "Y": [7]}}},
  "netnames": {"x": {"bits": [2]}, "sum_in": {"bits": [3]}, "ck": {"bits": [4]}, "s": {"bits": [5]},
               "c": {"bits": [6]}, "d": {"bits": [7]}, "sum_out": {"bits": [8]},
               "carry_out": {"bits": [9]}}}}})";

Netlist demo() {
  return Netlist::parse(kCircuit, "demo.json", CellLibrary::read(data_file("tiny_delays.lib")));
}
std::size_t net_of(const Netlist& netlist, const std::string& name) {
  for (std::size_t i = 0; i < netlist.nets().size(); ++i) {
    if (netlist.nets()[i].name == name) return i;
  }
  ADD_FAILURE() << "no net " << name;
  return 0;
}
void expect_edges(const EdgeDelays& delays, double rise_ps, double fall_ps) {
  EXPECT_NEAR(delays.rise_ps, rise_ps, 1e-9);
  EXPECT_NEAR(delays.fall_ps, fall_ps, 1e-9);
}

constexpr double kWireFf = 2.0;
const EnergyParameters kParameters{0.05, kWireFf, 1000.0};

TEST(Delays, OfEachArc_AreThoseOfItsTables_AtTheNetsLoad) {
  const Netlist netlist = demo();
  const NetlistDelays delays = compute_delays(netlist, kParameters);
  const auto& sum = delays.arcs[net_of(netlist, "s")];
  ASSERT_EQ(sum.size(), 2U);
  expect_edges(sum[0], 4.0 + kWireFf, 2.0 * (4.0 + kWireFf));  // the slow register's pin and wire
  EXPECT_TRUE(delays.arcs[net_of(netlist, "x")].empty());
  EXPECT_TRUE(delays.arcs[net_of(netlist, "sum_out")].empty());
}

TEST(Delays, OfSeveralArcsBetweenTwoPins_AreTheirMean) {
  const Netlist netlist = demo();
  expect_edges(compute_delays(netlist, kParameters).arcs[net_of(netlist, "s")][1], 20.0, 40.0);
}

TEST(Delays, BelowZero_CountAsNone) {
  const Netlist netlist = demo();
  const auto carry = compute_delays(netlist, kParameters).arcs[net_of(netlist, "c")];
  expect_edges(carry[0], 0.0, 9.0);
  expect_edges(carry[1], 11.0, 13.0);
}

TEST(Delays, FollowTheMeanSlewOfTheDriversArcs) {
  const Netlist netlist = demo();
  // The buffer's delay is the slew behind the half adder's carry.
  const auto buffer = compute_delays(netlist, kParameters).arcs[net_of(netlist, "d")];
  expect_edges(buffer[0], 5.0, 5.0);
}

TEST(Delays, OfRegisterOutputs_AreClockToOutput_WithTheLoadOutside) {
  const Netlist netlist = demo();
  const NetlistDelays open = compute_delays(netlist, kParameters);
  expect_edges(open.launch[net_of(netlist, "sum_out")], 50.0, 50.0);
  const NetlistDelays loaded = compute_delays(netlist, kParameters, {{"carry_out", {25.0}}});
  expect_edges(loaded.launch[net_of(netlist, "carry_out")], 25.0, 75.0);
}

TEST(Delays, OfInputBits_AreThoseOfTheRegisterBehindTheSameNamedOutput) {
  const Netlist netlist = demo();
  const NetlistDelays delays = compute_delays(netlist, kParameters);
  const double sum_in_ff = 5.0 + kWireFf;
  expect_edges(delays.launch[net_of(netlist, "sum_in")], 50.0 + sum_in_ff, 50.0 + sum_in_ff);
  const double x_ff = 3.0 + kWireFf;  // no x_out: the first register's kind
  expect_edges(delays.launch[net_of(netlist, "x")], x_ff, 3.0 * x_ff);
  expect_edges(delays.launch[net_of(netlist, "ck")], 0.0, 0.0);
  expect_edges(delays.launch[net_of(netlist, "s")], 0.0, 0.0);
}

TEST(Delays, OfACellWithoutTables_AreRefused_NamingTheArc) {
  std::string circuit = kCircuit;
  circuit.replace(circuit.find("\"BUF\""), 5, "\"UNTIMED\"");
  const Netlist netlist =
      Netlist::parse(circuit, "demo.json", CellLibrary::read(data_file("tiny_delays.lib")));
  const Error error = error_of([&] { compute_delays(netlist, kParameters); });
  EXPECT_EQ(error.id(), "TW-NET-009");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.message(), HasSubstr("UNTIMED"));
  EXPECT_THAT(error.message(), HasSubstr("from A to Y"));
  EXPECT_THAT(error.file(), HasSubstr("tiny_delays.lib"));
}

TEST(Delays, OfTheMac_AreThoseOfASmallGateIn180Nanometres) {
  const Netlist mac = synthesized(mac_request());
  const EnergyParameters parameters;
  const NetlistDelays delays = compute_delays(mac, parameters, mac_external_loads(mac, parameters));
  double sum_ps = 0.0;
  int arcs = 0;
  for (const auto& net : delays.arcs) {
    for (const EdgeDelays& arc : net) {
      EXPECT_GE(std::min(arc.rise_ps, arc.fall_ps), 0.0);
      EXPECT_LT(std::max(arc.rise_ps, arc.fall_ps), 1000.0);
      sum_ps += arc.mean_ps();
      ++arcs;
    }
  }
  EXPECT_GT(arcs, 700);
  EXPECT_GT(sum_ps / arcs, 50.0);
  EXPECT_LT(sum_ps / arcs, 200.0);
  for (const CellIndex index : mac.registers()) {
    const NetIndex q =
        mac.cell(index).nets[static_cast<std::size_t>(mac.cell(index).type->outputs.front())];
    EXPECT_GT(delays.launch[static_cast<std::size_t>(q)].mean_ps(), 100.0);
  }
}

}  // namespace
}  // namespace togglewise::tech
