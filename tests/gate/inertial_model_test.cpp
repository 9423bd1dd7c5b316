#include "sim/gate/inertial_model.h"

#include <stdexcept>

#include "sim/gate/event_engine.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

const tech::NetlistDelays& mac_delays() {
  static const tech::NetlistDelays delays = [] {
    const tech::EnergyParameters parameters;
    const tech::Netlist& mac = mac22().netlist;
    return tech::compute_delays(mac, parameters, tech::mac_external_loads(mac, parameters));
  }();
  return delays;
}

// Two inverters in a row and an XOR of what goes in and what comes out.
constexpr const char* kCircuit = R"({"modules": {"demo": {"attributes": {},
  "ports": {"a": {"direction": "input", "bits": [2]}, "y": {"direction": "output", "bits": [5]}},
  "cells": {"u": {"type": "INVX1", "connections": {"A": [2], "Y": [3]}},
            "v": {"type": "INVX1", "connections": {"A": [3], "Y": [4]}},
            "x": {"type": "XOR2X1", "connections": {"A": [2], "B": [4], "Y": [5]}}},
  "netnames": {"a": {"bits": [2]}, "b": {"bits": [3]}, "c": {"bits": [4]}, "y": {"bits": [5]}}}}})";

struct Demo {
  tech::Netlist netlist =
      tech::Netlist::parse(kCircuit, "demo.json", tech::CellLibrary::read(tech::osu018_file()));
  tech::NetlistDelays delays{std::vector<std::vector<tech::EdgeDelays>>(netlist.nets().size()),
                             std::vector<tech::EdgeDelays>(netlist.nets().size())};
  std::size_t net(const std::string& name) const {
    for (std::size_t i = 0; i < netlist.nets().size(); ++i) {
      if (netlist.nets()[i].name == name) return i;
    }
    throw std::out_of_range(name);
  }
};

TEST(InertialModel, AnEdge_ArrivesAfterTheRoundedDelay_AndTheWindowIsHalfAQuantumMore) {
  Demo demo;
  demo.delays.launch[demo.net("a")] = {120.0, 80.0};
  demo.delays.arcs[demo.net("b")] = {{200.0, 200.0}};
  demo.delays.arcs[demo.net("c")] = {{200.0, 300.0}};
  demo.delays.arcs[demo.net("y")] = {{400.0, 400.0}, {100.0, 100.0}};
  const InertialModel model = make_inertial_model(demo.netlist, demo.delays, 10.0);
  const InertialNet& a = model.nets[demo.net("a")];
  EXPECT_EQ(a.launch_rise, 12);
  EXPECT_EQ(a.launch_fall, 8);
  EXPECT_EQ(a.first, 8);
  EXPECT_EQ(a.last, 12);
  const InertialNet& b = model.nets[demo.net("b")];
  EXPECT_EQ(b.rise, 21);  // 20.5, rounded up
  EXPECT_EQ(b.fall, 21);
  EXPECT_EQ(b.shift[0] + b.rise - 1, 20);
  const InertialNet& y = model.nets[demo.net("y")];
  EXPECT_EQ(y.rise, 26);  // the mean of 40 and 10, and a half
  EXPECT_EQ(y.shift[0] + y.rise - 1, 40);
  EXPECT_EQ(y.shift[1] + y.rise - 1, 10);
  EXPECT_LT(y.shift[1], 0);
}

TEST(InertialModel, WhatRoundingLeavesOver_IsMadeUpOnTheWay) {
  Demo demo;
  demo.delays.arcs[demo.net("b")] = {{140.0, 140.0}};
  demo.delays.arcs[demo.net("c")] = {{140.0, 140.0}};
  demo.delays.arcs[demo.net("y")] = {{100.0, 100.0}, {140.0, 140.0}};
  const InertialModel model = make_inertial_model(demo.netlist, demo.delays, 100.0);
  const auto delay = [&](const char* net, std::size_t input) {
    const InertialNet& rule = model.nets[demo.net(net)];
    return rule.shift[input] + rule.rise - 1;
  };
  // 140, 280 and 420 ps arrive as 1, 3 and 4 quanta.
  EXPECT_EQ(delay("b", 0), 1);
  EXPECT_EQ(delay("b", 0) + delay("c", 0), 3);
  EXPECT_EQ(delay("b", 0) + delay("c", 0) + delay("y", 1), 4);
}

TEST(InertialModel, OfTheMac_HasNoEdgeBeforeItsCause) {
  for (const double quantum_ps : {1.0, 12.5, 50.0, 200.0}) {
    const InertialModel model = make_inertial_model(mac22().netlist, mac_delays(), quantum_ps);
    for (const InertialNet& net : model.nets) {
      EXPECT_GE(net.rise, 1);
      EXPECT_GE(net.fall, 1);
      EXPECT_GE(net.launch_rise, 0);
      EXPECT_GE(net.launch_fall, 0);
      for (const int shift : net.shift) {
        EXPECT_GE(shift + std::min(net.rise, net.fall) - 1, 0);
      }
    }
  }
}

TEST(InertialModel, NoNet_ChangesOutsideItsTime) {
  const InertialModel model = make_inertial_model(mac22().netlist, mac_delays(), 25.0);
  EventEngine engine(mac22().netlist, model);
  Random random(11);
  std::vector<bool> at_the_edge(2, false);
  for (int cycle = 0; cycle < 200; ++cycle) {
    for (const char* port : {"weight", "activation_in", "partial_sum_in"}) {
      engine.set_input(port, random.bits());
    }
    engine.settle();
    for (std::size_t net = 0; net < model.nets.size(); ++net) {
      for (const NetChange& change : engine.waveform(static_cast<int>(net))) {
        ASSERT_GE(change.at, model.nets[net].first);
        ASSERT_LE(change.at, model.nets[net].last);
        if (change.at == model.nets[net].first) at_the_edge[0] = true;
        if (change.at == model.nets[net].last) at_the_edge[1] = true;
      }
    }
    engine.clock_edge();
  }
  EXPECT_TRUE(at_the_edge[0] && at_the_edge[1]) << "wider than needed";
}

TEST(InertialModel, ACycle_IsAsLongAsTheSlowestPath) {
  const double quantum_ps = 5.0;
  const InertialModel model = make_inertial_model(mac22().netlist, mac_delays(), quantum_ps);
  EXPECT_GT(model.last() * quantum_ps, 3000.0);
  EXPECT_LT(model.last() * quantum_ps, 6000.0);
  EXPECT_NEAR(make_inertial_model(mac22().netlist, mac_delays(), 50.0).last() * 50.0,
              model.last() * quantum_ps, 300.0);
}

TEST(InertialModel, AQuantumOfNothing_IsRefused) {
  EXPECT_THROW(make_inertial_model(mac22().netlist, mac_delays(), 0.0), std::invalid_argument);
}

}  // namespace
}  // namespace togglewise::gate
