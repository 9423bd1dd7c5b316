// Small random circuits of osu018 cells, with registers in loops, and random delays for them.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/base/random.h"
#include "sim/gate/inertial_model.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::gate {

// Ports: `in` of 4 bits, `clk`, `out`; `cells` combinational cells, `registers` flip-flops.
inline tech::Netlist random_netlist(Random& random, int cells, int registers) {
  struct Kind {
    const char* name;
    std::vector<const char*> inputs;
    std::vector<const char*> outputs;
  };
  static const std::vector<Kind> kinds{{"INVX1", {"A"}, {"Y"}},
                                       {"NAND2X1", {"A", "B"}, {"Y"}},
                                       {"NOR2X1", {"A", "B"}, {"Y"}},
                                       {"XOR2X1", {"A", "B"}, {"Y"}},
                                       {"MUX2X1", {"A", "B", "S"}, {"Y"}},
                                       {"AOI21X1", {"A", "B", "C"}, {"Y"}},
                                       {"OAI22X1", {"A", "B", "C", "D"}, {"Y"}},
                                       {"HAX1", {"A", "B"}, {"YC", "YS"}},
                                       {"FAX1", {"A", "B", "C"}, {"YC", "YS"}}};
  // yosys numbers nets from 2: clock, inputs, register outputs, cell outputs.
  constexpr int kClock = 2;
  constexpr int kFirstInput = 3;
  int next = kFirstInput + 4 + registers;
  std::string text;
  const auto any_net = [&] { return random.between(kFirstInput, next - 1); };
  for (int c = 0; c < cells; ++c) {
    const Kind& kind = kinds[random.below(kinds.size())];
    std::string pins;
    for (const char* pin : kind.inputs) pins += fmt::format("\"{}\": [{}], ", pin, any_net());
    for (const char* pin : kind.outputs) pins += fmt::format("\"{}\": [{}], ", pin, next++);
    pins.resize(pins.size() - 2);
    text +=
        fmt::format("\"c{}\": {{\"type\": \"{}\", \"connections\": {{{}}}}}, ", c, kind.name, pins);
  }
  for (int r = 0; r < registers; ++r) {
    text += fmt::format(
        "\"r{}\": {{\"type\": \"DFFPOSX1\", \"connections\": {{\"CLK\": [{}], \"D\": [{}], "
        "\"Q\": [{}]}}}}, ",
        r, kClock, any_net(), kFirstInput + 4 + r);
  }
  text.resize(text.size() - 2);
  std::string names;
  for (int net = kFirstInput + 4; net < next; ++net) {
    names += fmt::format(", \"n{0}\": {{\"bits\": [{0}]}}", net);
  }
  const std::string json = fmt::format(
      R"({{"modules": {{"random": {{"attributes": {{}},
      "ports": {{"clk": {{"direction": "input", "bits": [2]}},
                 "in": {{"direction": "input", "bits": [3, 4, 5, 6]}},
                 "out": {{"direction": "output", "bits": [{}]}}}},
      "cells": {{{}}},
      "netnames": {{"clk": {{"bits": [2]}}, "in": {{"bits": [3, 4, 5, 6]}}{}}}}}}}}})",
      next - 1, text, names);
  return tech::Netlist::parse(json, "random.json", tech::CellLibrary::read(tech::osu018_file()));
}

// Windows, shifts and launches of a few quanta; `first` and `last` are wide enough for all of them.
inline InertialModel random_model(Random& random, const tech::Netlist& netlist) {
  InertialModel model;
  model.quantum_ps = 1.0;
  model.nets.resize(netlist.nets().size());
  for (InertialNet& net : model.nets) {
    net.launch_rise = random.between(0, 4);
    net.launch_fall = random.between(0, 4);
    net.rise = random.between(1, 5);
    net.fall = random.between(1, 5);
    for (int& shift : net.shift) shift = random.between(1 - std::min(net.rise, net.fall), 3);
    net.last = 8 * static_cast<int>(model.nets.size()) + 8;
  }
  return model;
}

}  // namespace togglewise::gate
