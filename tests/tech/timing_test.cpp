#include "sim/tech/timing.h"

#include <algorithm>

#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

TEST(Timing, TheMac_MeetsTheDefaultClock_ThroughMultiplierAndAdder) {
  const Netlist mac = synthesized(mac_request());
  const EnergyParameters parameters;
  const TimingReport report = analyze_timing(mac, parameters);
  EXPECT_LT(report.critical_path_ps, parameters.clock_period_ps);
  EXPECT_GT(report.critical_path_ps, 2000.0);
  EXPECT_GT(report.setup_ps, 0.0);
  ASSERT_GT(report.path.size(), 10U);
  const auto passes = [&](const std::string& part) {
    return std::any_of(report.path.begin(), report.path.end(),
                       [&](const std::string& net) { return net.rfind(part, 0) == 0; });
  };
  EXPECT_TRUE(passes("u_multiplier."));
  EXPECT_TRUE(passes("u_adder."));
}

TEST(Timing, MoreWire_IsSlower) {
  const Netlist mac = synthesized(mac_request());
  EXPECT_GT(analyze_timing(mac, {0.1, 12.0, 8000.0}).critical_path_ps,
            analyze_timing(mac, {0.1, 4.0, 8000.0}).critical_path_ps);
}

TEST(Timing, AnInverterIntoARegister_TakesItsTableDelay) {
  const char* const circuit = R"({"modules": {"demo": {"attributes": {},
    "ports": {"a": {"direction": "input", "bits": [2]}, "ck": {"direction": "input", "bits": [3]},
              "q": {"direction": "output", "bits": [5]}},
    "cells": {"i": {"type": "INV", "connections": {"A": [2], "Y": [4]}},
              "r": {"type": "DFF", "connections": {"D": [4], "CK": [3], "Q": [5]}}},
    "netnames": {"a": {"bits": [2]}, "ck": {"bits": [3]}, "n": {"bits": [4]}, "q": {"bits": [5]}}}}})";
  // tiny.lib's register has no timing: the inputs start nowhere, so nothing arrives.
  const Netlist netlist =
      Netlist::parse(circuit, "demo.json", CellLibrary::read(data_file("tiny.lib")));
  EXPECT_DOUBLE_EQ(analyze_timing(netlist, {}).critical_path_ps, 0.0);
  // With the register's own delay of 100 ps: the inverter adds 40 ps at slew 300 ps and 2 units.
  const Netlist timed =
      Netlist::parse(circuit, "demo.json", CellLibrary::read(data_file("tiny_timed.lib")));
  const TimingReport report = analyze_timing(timed, {0.3, 2.0, 1000.0});
  EXPECT_NEAR(report.critical_path_ps, 100.0 + 40.0 + 7.0, 1e-9);
  EXPECT_NEAR(report.setup_ps, 7.0, 1e-9);
  EXPECT_EQ(report.path, (std::vector<std::string>{"a", "n"}));
}

}  // namespace
}  // namespace togglewise::tech
