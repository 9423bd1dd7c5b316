#include "sim/tech/case_timing.h"

#include <stdexcept>

#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

std::vector<HeldPort> holding(int weight) {
  return {{"weight", static_cast<std::uint64_t>(weight)}};
}

TEST(TimingArcs, AddUp_ToTheCriticalPath) {
  for (const SynthesisRequest& request : {mac_request(), booth_request()}) {
    const Netlist mac = synthesized(request);
    const TimingReport report = analyze_timing(mac, {});
    const TimingArcs arcs = timing_arcs(mac, {});
    const double longest_ps = longest_path_ps(CaseAnalysis(mac, {}), arcs);
    // Functions rule out edges that Liberty's timing senses do not: never a longer path.
    EXPECT_LE(longest_ps, report.critical_path_ps + 1e-6);
    EXPECT_GT(longest_ps, 0.9 * report.critical_path_ps);
    EXPECT_EQ(arcs.endpoints.size(), 30U);
  }
}

TEST(TimingArcs, OfAnInverterIntoARegister_AreTheTables) {
  const char* const circuit = R"({"modules": {"demo": {"attributes": {},
    "ports": {"a": {"direction": "input", "bits": [2]}, "ck": {"direction": "input", "bits": [3]},
              "q": {"direction": "output", "bits": [5]}},
    "cells": {"i": {"type": "INV", "connections": {"A": [2], "Y": [4]}},
              "r": {"type": "DFF", "connections": {"D": [4], "CK": [3], "Q": [5]}}},
    "netnames": {"a": {"bits": [2]}, "ck": {"bits": [3]}, "n": {"bits": [4]}, "q": {"bits": [5]}}}}})";
  const Netlist netlist =
      Netlist::parse(circuit, "demo.json", CellLibrary::read(data_file("tiny_timed.lib")));
  const TimingArcs arcs = timing_arcs(netlist, {0.3, 2.0, 1000.0});
  const NetIndex a = netlist.port("a")->bits[0];
  ASSERT_EQ(arcs.endpoints.size(), 1U);
  const NetIndex n = arcs.endpoints[0].net;
  EXPECT_NEAR(arcs.launch_ps[static_cast<std::size_t>(a)][kRise], 90.0, 1e-9);
  EXPECT_NEAR(arcs.launch_ps[static_cast<std::size_t>(a)][kFall], 100.0, 1e-9);
  const TimingArcs::Arc& arc = arcs.arcs[static_cast<std::size_t>(n)].at(0);
  EXPECT_NEAR(arc.delay_ps[kFall][kRise], 40.0, 1e-9);
  EXPECT_NEAR(arc.delay_ps[kRise][kFall], 4.0, 1e-9);
  EXPECT_EQ(arc.delay_ps[kRise][kRise], kNeverPs);
  EXPECT_NEAR(arcs.endpoints[0].setup_ps[kRise], 7.0, 1e-9);
  EXPECT_NEAR(longest_path_ps(CaseAnalysis(netlist, {}), arcs), 147.0, 1e-9);
  // With its only input held nothing moves.
  EXPECT_EQ(longest_path_ps(CaseAnalysis(netlist, {{"a", 1}}), arcs), 0.0);
}

TEST(CaseAnalysis, LeavesOutInputs_ThatNoLongerMatter) {
  const Netlist mac = synthesized(booth_request());
  const CaseAnalysis zero(mac, holding(0));
  EXPECT_TRUE(zero.is_constant(mac.port("weight")->bits[0]));
  EXPECT_FALSE(zero.value(mac.port("weight")->bits[0]));
  EXPECT_FALSE(zero.is_constant(mac.port("activation_in")->bits[0]));
  int constants = 0;
  for (const CellIndex index : mac.combinational_order()) {
    const Cell& cell = mac.cell(index);
    for (const int pin : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == kNone) continue;
      if (zero.is_constant(net)) {
        ++constants;
        continue;
      }
      const LiveFunction live = zero.live_function(net);
      ASSERT_EQ(live.inputs.size(), static_cast<std::size_t>(live.function.variables));
      for (std::size_t v = 0; v < live.inputs.size(); ++v) {
        EXPECT_TRUE(live.function.depends_on(static_cast<int>(v)));
        const auto pin_of_input = static_cast<std::size_t>(cell.type->inputs[live.inputs[v]]);
        EXPECT_FALSE(zero.is_constant(cell.nets[pin_of_input]));
      }
    }
  }
  EXPECT_GT(constants, 100);
  EXPECT_THROW(CaseAnalysis(mac, {{"no_such_port", 0}}), std::out_of_range);
  EXPECT_THROW(CaseAnalysis(mac, {{"partial_sum_out", 0}}), std::out_of_range);
}

TEST(LongestPath, NeverGrows_WhenMoreStandsStill) {
  const Netlist mac = synthesized(mac_request());
  const TimingArcs arcs = timing_arcs(mac, {});
  const double all_ps = longest_path_ps(CaseAnalysis(mac, {}), arcs);
  for (int weight = -128; weight < 128; ++weight) {
    const double weight_ps = longest_path_ps(CaseAnalysis(mac, holding(weight)), arcs);
    std::vector<HeldPort> held = holding(weight);
    held.push_back({"activation_in", 0, 0x80});
    const double nonnegative_ps = longest_path_ps(CaseAnalysis(mac, held), arcs);
    held.back() = {"activation_in", 85};
    const double activation_ps = longest_path_ps(CaseAnalysis(mac, held), arcs);
    EXPECT_LE(weight_ps, all_ps) << weight;
    EXPECT_LE(nonnegative_ps, weight_ps) << weight;
    EXPECT_LE(activation_ps, weight_ps) << weight;
    EXPECT_GT(activation_ps, 0.0) << weight;  // partial sums still move
  }
}

}  // namespace
}  // namespace togglewise::tech
