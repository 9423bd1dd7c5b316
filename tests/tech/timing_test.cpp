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
                       [&](const TimingStep& step) { return step.net.rfind(part, 0) == 0; });
  };
  EXPECT_TRUE(passes("u_multiplier."));
  EXPECT_TRUE(passes("u_adder."));
  EXPECT_NEAR(report.highest_clock_mhz(), 1e6 / report.critical_path_ps, 1e-9);
}

TEST(Timing, ThePath_IsAChainOfCells_WhoseDelaysAddUp) {
  for (SynthesisRequest request : {mac_request(), booth_request()}) {
    const Netlist mac = synthesized(request);
    const TimingReport report = analyze_timing(mac, {});
    double sum = 0.0;
    for (const TimingStep& step : report.path) {
      sum += step.delay_ps;
      EXPECT_NEAR(step.arrival_ps, sum, 1e-6) << step.net;
      EXPECT_GT(step.delay_ps, 0.0) << step.net;
      EXPECT_GT(step.slew_ps, 0.0) << step.net;
      EXPECT_GT(step.load_ff, 0.0) << step.net;
      EXPECT_NE(mac.library().find(step.cell_type), nullptr) << step.cell_type;
    }
    EXPECT_NEAR(report.critical_path_ps, sum + report.setup_ps, 1e-6);
    EXPECT_EQ(report.path.front().cell, "") << "an input port launches it";
    EXPECT_EQ(report.path.front().cell_type, "DFFPOSX1");
    const auto end = std::find_if(mac.cells().begin(), mac.cells().end(),
                                  [&](const Cell& cell) { return cell.name == report.endpoint; });
    ASSERT_NE(end, mac.cells().end());
    EXPECT_TRUE(end->type->is_register());
  }
}

TEST(Timing, TheMeanSlew_LiesBetweenFastestAndSlowest) {
  const TimingReport report = analyze_timing(synthesized(mac_request()), {});
  double slowest = 0.0;
  for (const TimingStep& step : report.path) slowest = std::max(slowest, step.slew_ps);
  EXPECT_GT(report.mean_input_slew_ns, 0.0);
  EXPECT_LT(report.mean_input_slew_ns * 1000.0, slowest);
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
  ASSERT_EQ(report.path.size(), 2U);
  EXPECT_EQ(report.path[0].net, "a");
  EXPECT_EQ(report.path[1].net, "n");
  EXPECT_EQ(report.path[1].cell, "i");
  EXPECT_EQ(report.path[1].cell_type, "INV");
  EXPECT_NEAR(report.path[1].delay_ps, 40.0, 1e-9);
  EXPECT_EQ(report.endpoint, "r");
}

}  // namespace
}  // namespace togglewise::tech
