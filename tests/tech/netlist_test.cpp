#include "sim/tech/netlist.h"

#include <set>

#include <fmt/format.h>

#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::HasSubstr;

// A module of inverters in yosys' format; `cells` is the text of its cells object.
std::string json_module(const std::string& cells) {
  return fmt::format(
      R"({{"modules": {{"demo": {{"attributes": {{}},
      "ports": {{"a": {{"direction": "input", "bits": [2]}}, "y": {{"direction": "output", "bits": [3]}}}},
      "cells": {{{}}},
      "netnames": {{"a": {{"bits": [2]}}, "y": {{"bits": [3]}}, "loop": {{"bits": [4]}}}}}}}}}})",
      cells);
}
std::string json_cell(const std::string& name, const std::string& type, int a, int y) {
  return fmt::format(R"("{}": {{"type": "{}", "connections": {{"A": [{}], "Y": [{}]}}}})", name,
                     type, a, y);
}
Error parse_error(const std::string& json) {
  return error_of([&] { Netlist::parse(json, "demo.json", CellLibrary::read(osu018_file())); });
}

TEST(Netlist, TheMac_HasItsCells_NamedByPart) {
  const Netlist mac = synthesized(mac_request());
  EXPECT_EQ(mac.top(), "mac");
  EXPECT_EQ(mac.registers().size(), 30U);
  EXPECT_GT(mac.cells().size(), 400U);
  EXPECT_LT(mac.cells().size(), 700U);
  int multiplier = 0;
  int adder = 0;
  for (const Cell& cell : mac.cells()) {
    if (cell.name.rfind("u_multiplier.", 0) == 0) ++multiplier;
    if (cell.name.rfind("u_adder.", 0) == 0) ++adder;
  }
  EXPECT_GT(multiplier, 250);
  EXPECT_GT(adder, 80);
  EXPECT_EQ(static_cast<std::size_t>(multiplier + adder) + mac.registers().size(),
            mac.cells().size());
  EXPECT_EQ(mac.net(mac.clock_net()).name, "clk");
}

TEST(Netlist, EveryNet_HasItsOwnName_AndItsReadersKnowIt) {
  const Netlist mac = synthesized(mac_request());
  std::set<std::string> names;
  for (std::size_t i = 0; i < mac.nets().size(); ++i) {
    const Net& net = mac.nets()[i];
    EXPECT_FALSE(net.name.empty());
    EXPECT_TRUE(names.insert(net.name).second) << net.name;
    for (const PinReference& load : net.loads) {
      EXPECT_EQ(mac.cell(load.cell).nets[static_cast<std::size_t>(load.pin)], static_cast<int>(i));
    }
  }
}

TEST(Netlist, TheCombinationalOrder_PutsDriversFirst) {
  const Netlist mac = synthesized(mac_request());
  std::vector<bool> done(mac.cells().size(), false);
  for (const CellIndex index : mac.registers()) done[static_cast<std::size_t>(index)] = true;
  for (const CellIndex index : mac.combinational_order()) {
    const Cell& cell = mac.cell(index);
    for (const int pin : cell.type->inputs) {
      const CellIndex driver = mac.net(cell.nets[static_cast<std::size_t>(pin)]).driver.cell;
      EXPECT_TRUE(driver == kNone || done[static_cast<std::size_t>(driver)]);
    }
    done[static_cast<std::size_t>(index)] = true;
  }
  EXPECT_EQ(mac.combinational_order().size() + mac.registers().size(), mac.cells().size());
}

TEST(Netlist, ACellThatTheLibraryLacks_IsNamed_WithTheNearestOne) {
  const Error error = parse_error(json_module(json_cell("u1", "INVX3", 2, 3)));
  EXPECT_EQ(error.id(), "TW-NET-001");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.message(), HasSubstr("'u1' is a INVX3"));
  EXPECT_THAT(error.message(), HasSubstr("osu018_stdcells"));
  EXPECT_THAT(error.hint(), HasSubstr("INVX"));
}

TEST(Netlist, TextThatIsNoNetlist_IsReported) {
  EXPECT_EQ(parse_error("{ \"modules\": ").id(), "TW-NET-002");
  EXPECT_EQ(parse_error("{}").id(), "TW-NET-002");
  EXPECT_EQ(parse_error(json_module("")).id(), "TW-NET-002") << "y has no driver";
  EXPECT_EQ(parse_error(
                json_module(json_cell("u1", "INVX1", 2, 3) + "," + json_cell("u2", "INVX1", 2, 3)))
                .id(),
            "TW-NET-002")
      << "y has two drivers";
}

TEST(Netlist, ALatch_IsRefused) {
  const std::string latch =
      R"("u1": {"type": "LATCH", "connections": {"CLK": [2], "D": [2], "Q": [3]}})";
  const Error error = parse_error(json_module(latch));
  EXPECT_EQ(error.id(), "TW-NET-003");
  EXPECT_THAT(error.message(), HasSubstr("latch"));
}

TEST(Netlist, ACombinationalLoop_IsRefused) {
  const Error error = parse_error(
      json_module(json_cell("u1", "INVX1", 3, 4) + "," + json_cell("u2", "INVX1", 4, 3)));
  EXPECT_EQ(error.id(), "TW-NET-004");
}

TEST(Netlist, FallingEdges_ActiveResets_AndGatedClocks_AreRefused) {
  for (const char* name : {"falling_edge", "reset", "gated_clock"}) {
    const SynthesisRequest what = request({data_file(std::string(name) + ".sv")}, name);
    EXPECT_EQ(error_of([&] { synthesized(what); }).id(), "TW-NET-005") << name;
  }
}

}  // namespace
}  // namespace togglewise::tech
