#include "sim/tech/netlist.h"

#include <set>
#include <tuple>

#include <fmt/format.h>

#include "sim/base/files.h"
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
  const Error twice = parse_error(
      json_module(json_cell("u1", "INVX1", 2, 3) + ",\n" + json_cell("u2", "INVX1", 2, 3)));
  EXPECT_EQ(twice.id(), "TW-NET-002");
  EXPECT_THAT(twice.message(), HasSubstr("output Y of cell 'u2' drives a net that has a driver"));
  EXPECT_EQ(twice.line(), 4);
}

TEST(Netlist, TextThatIsNoJson_IsReported_AtItsPlace) {
  const Error error = parse_error("{\n \"modules\": {\n  oops }}");
  EXPECT_EQ(error.id(), "TW-NET-002");
  EXPECT_EQ(error.line(), 3);
  EXPECT_EQ(error.column(), 3);
  EXPECT_THAT(error.message(), HasSubstr("this is not JSON"));
  EXPECT_EQ(parse_error("").id(), "TW-NET-002");
  EXPECT_EQ(parse_error("\xff\xfe").id(), "TW-NET-002");
}

// The netlist of tests/tech/data with one piece of its text replaced.
Error error_with(const std::string& file, const std::string& piece, const std::string& other) {
  std::string text = read_file(data_file("netlists/" + file));
  const std::size_t at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  text.replace(at, piece.size(), other);
  return error_of(
      [&] { Netlist::parse(text, file, CellLibrary::read(data_file("cell_kinds.lib"))); });
}

TEST(Netlist, EverythingThatIsNotAsYosysWritesIt_IsReported_WithItsLine) {
  struct Mistake {
    const char* piece;
    const char* other;
    int line;
    const char* message;
  };
  const std::vector<Mistake> mistakes{
      {"\"modules\"", "\"moduls\"", 0, "the file has no \"modules\""},
      {"\"netnames\": {\n        \"a\"", "\"names\": {\n        \"a\"", 10,
       "'modules / adder' has no \"netnames\""},
      {"\"S\": [ 9 ]", "\"S\": [ -9 ]", 19, "cell 'f0': pin S is no net number but -9"},
      {"\"S\": [ 9 ]", "\"S\": [ 9.5 ]", 19, "cell 'f0': pin S is no net number but 9.5"},
      {"\"S\": [ 9 ]", "\"S\": [ 99999999999999999999 ]", 19, "is no net number"},
      {"\"S\": [ 9 ]", "\"S\": [ 18446744073709551615 ]", 19, "is no net number"},
      {"\"S\": [ 9 ]", "\"S\": [ true ]", 19, "is no net number but true"},
      {"\"S\": [ 9 ]", "\"S\": [ [ 9 ] ]", 19, "is no net number but array"},
      {"\"S\": [ 9 ]", "\"S\": [ 9, 10 ]", 19, "FA has no one-bit pin S"},
      {"\"S\": [ 9 ]", "\"S\": { }", 19, "FA has no one-bit pin S"},
      {"\"S\": [ 9 ]", "\"SUM\": [ 9 ]", 19, "FA has no one-bit pin SUM"},
      {"\"S\": [ 9 ]", "\"S\": [ 2 ]", 19, "output S of cell 'f0' drives a net that has"},
      {"\"S\": [ 9 ]", "\"S\": [ \"1\" ]", 19, "output S of cell 'f0' drives a constant"},
      {"\"S\": [ 9 ]", "\"S\": [ ]", 23, "net 's[1]' has no driver, but input D0 of cell 'm'"},
      {"\"B\": [ 4 ]", "\"B\": [ \"x\" ]", 19, "cell 'f0': pin B is the undefined constant"},
      {"\"B\": [ 4 ]", "\"B\": [ \"z\" ]", 19, "cell 'f0': pin B is the undefined constant"},
      {"\"B\": [ 4 ]", "\"B\": [ \"2\" ]", 19, "cell 'f0': pin B is no net number but \"2\""},
      {"\"B\": [ 4 ]", "\"B\": [ ]", 19, "cell 'f0': input B is not connected"},
      {"\"type\": \"DFF\"", "\"type\": 7", 24, "\"type\" of 'modules / adder / cells / r0'"},
      {"{ \"hide_name\": 0, \"type\": \"FA\",\n", "7, \"f\": { \"type\": \"FA\",\n", 10,
       "cell 'f0' is no object"},
      {"{ \"direction\": \"input\", \"bits\": [ 6 ] }",
       "{ \"direction\": \"inout\", \"bits\": [ 6 ] }", 15, "port 'clk' is of direction inout"},
      {"{ \"direction\": \"input\", \"bits\": [ 6 ] }", "{ \"bits\": [ 6 ] }", 15,
       "'modules / adder / ports / clk' has no \"direction\""},
      {"{ \"direction\": \"input\", \"bits\": [ 6 ] }", "[ ]", 10, "port 'clk' is no object"},
      {"{ \"direction\": \"input\", \"bits\": [ 6 ] }", "{ \"direction\": \"input\", \"bits\": 6 }",
       15, "\"bits\" of 'modules / adder / ports / clk' is no array but of type number"},
      {"\"bits\": [ 4, 5 ] },\n        \"clk\"", "\"bits\": [ 4, 4 ] },\n        \"clk\"", 14,
       "bit 1 of port 'b' drives a net that has a driver"},
      {"\"bits\": [ 7, 8, \"0\" ] }\n", "\"bits\": [ 7, 80, \"0\" ] }\n", 0,
       "has no driver, but is an output"},
      {"\"blackbox\": \"00000000000000000000000000000001\"", "\"top\": \"1\"", 0,
       "more than one of its modules is marked as top: FA or adder"},
      {"\"top\": \"00000000000000000000000000000001\"", "\"blackbox\": \"1\"", 0,
       "the file holds no module"},
  };
  for (const Mistake& mistake : mistakes) {
    const Error error = error_with("adder_and_registers.json", mistake.piece, mistake.other);
    EXPECT_EQ(error.id(), "TW-NET-002") << mistake.other;
    EXPECT_EQ(error.exit_status(), 2) << mistake.other;
    EXPECT_EQ(error.file(), "adder_and_registers.json") << mistake.other;
    EXPECT_EQ(error.line(), mistake.line) << mistake.other;
    EXPECT_THAT(error.message(), HasSubstr(mistake.message)) << mistake.other;
    EXPECT_THAT(error.expected(), HasSubstr("write_json")) << mistake.other;
  }
}

TEST(Netlist, DeepJson_IsRefused_WithoutEndingTheStack) {
  const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
  EXPECT_EQ(parse_error("{ \"modules\": " + deep + "}").id(), "TW-NET-002");
  EXPECT_EQ(parse_error(std::string(1000000, '{')).id(), "TW-NET-002");
}

TEST(Netlist, AdderMultiplexerAndRegisters_AreRead_WithOpenOutputsAndTiedEnable) {
  const Netlist netlist = Netlist::read(data_file("netlists/adder_and_registers.json"),
                                        CellLibrary::read(data_file("cell_kinds.lib")));
  EXPECT_EQ(netlist.top(), "adder");
  ASSERT_EQ(netlist.cells().size(), 5U);
  EXPECT_EQ(netlist.registers().size(), 2U);
  EXPECT_EQ(netlist.net(netlist.clock_net()).name, "clk");
  const Cell& first = netlist.cell(0);
  EXPECT_EQ(first.type->name, "FA");
  const auto net_at = [&](const Cell& cell, const char* pin) {
    return cell.nets[static_cast<std::size_t>(cell.type->pin_index(pin))];
  };
  EXPECT_EQ(net_at(first, "CI"), netlist.constant_net(false));
  EXPECT_EQ(net_at(netlist.cell(1), "CO"), kNone);
  EXPECT_EQ(net_at(first, "CO"), net_at(netlist.cell(1), "CI"));
  // Both outputs of f0 drive, and know their pin.
  for (const char* pin : {"S", "CO"}) {
    const PinReference driver = netlist.net(net_at(first, pin)).driver;
    EXPECT_EQ(driver.cell, 0);
    EXPECT_EQ(driver.pin, first.type->pin_index(pin));
  }
  EXPECT_EQ(netlist.port("sum")->bits[2], netlist.constant_net(false));
  // Names follow the declaration: sum is [3:1], s is [0:1], and a net without a name gets one.
  EXPECT_EQ(netlist.net(netlist.port("sum")->bits[0]).name, "sum[1]");
  EXPECT_EQ(netlist.net(net_at(first, "S")).name, "s[1]");
  EXPECT_EQ(netlist.net(net_at(first, "CO")).name, "net$10");
}

TEST(Netlist, TiedResetsAndScanRegisters_AreRead) {
  const Netlist netlist = Netlist::read(data_file("netlists/registers_with_resets.json"),
                                        CellLibrary::read(data_file("cell_kinds.lib")));
  EXPECT_EQ(netlist.registers().size(), 2U);
}

TEST(Netlist, RegistersThatAreNotPlain_AreRefused_ByName) {
  struct Case {
    const char* file;
    const char* piece;
    const char* other;
    const char* message;
  };
  const std::vector<Case> cases{
      {"adder_and_registers.json", "\"EN\": [ \"1\" ]", "\"EN\": [ 2 ]",
       "register 'r1' (DFF_ENABLE) keeps its value under an enable"},
      {"adder_and_registers.json", "\"EN\": [ \"1\" ]", "\"EN\": [ \"0\" ]",
       "register 'r1' (DFF_ENABLE) keeps its value under an enable"},
      {"adder_and_registers.json", "\"D\": [ 12 ], \"CK\": [ 6 ]", "\"D\": [ 12 ], \"CK\": [ 12 ]",
       "register 'r0' (DFF) has a gated clock"},
      {"adder_and_registers.json", "\"D\": [ 12 ], \"CK\": [ 6 ]",
       "\"D\": [ 12 ], \"CK\": [ \"1\" ]", "register 'r0' (DFF) has a constant clock"},
      {"adder_and_registers.json", "\"D\": [ 12 ], \"CK\": [ 6 ]", "\"D\": [ 12 ], \"CK\": [ 2 ]",
       "register 'r1' (DFF_ENABLE) has another clock"},
      {"adder_and_registers.json",
       "\"DFF\", \"connections\": { \"D\": [ 12 ], \"CK\": [ 6 ], \"Q\": [ 7 ], \"QN\": [ \"x\" ] "
       "}",
       "\"DFF_FALLING\", \"connections\": { \"D\": [ 12 ], \"CKN\": [ 6 ], \"Q\": [ 7 ] }",
       "register 'r0' (DFF_FALLING) is clocked by '!CKN', not by a rising edge"},
      {"registers_with_resets.json", "\"AR\": [ \"0\" ]", "\"AR\": [ 2 ]",
       "register 'tied' (DFF_RESET) uses an asynchronous clear"},
      {"registers_with_resets.json", "\"AS\": [ \"1\" ]", "\"AS\": [ \"0\" ]",
       "register 'tied' (DFF_RESET) uses an asynchronous preset"},
  };
  for (const Case& c : cases) {
    const Error error = error_with(c.file, c.piece, c.other);
    EXPECT_EQ(error.id(), "TW-NET-005") << c.other;
    EXPECT_THAT(error.message(), HasSubstr(c.message));
    EXPECT_GT(error.line(), 0) << c.other;
    EXPECT_FALSE(error.expected().empty());
  }
}

TEST(Netlist, CellsThatCannotBeSimulated_AreRefused_WithTheirLineInBothFiles) {
  for (const auto& [type, reason, line] : {std::tuple{"LATCH", "latch", 103},
                                           {"TRISTATE", "three-state", 110},
                                           {"BLANK", "no function", 144},
                                           {"CLOCK_GATE", "statetable", 114}}) {
    const Error error =
        error_with("loop.json", "\"type\": \"INV\"", fmt::format("\"type\": \"{}\"", type));
    EXPECT_EQ(error.id(), "TW-NET-003") << type;
    EXPECT_EQ(error.line(), 4) << type;
    EXPECT_THAT(error.message(), HasSubstr(fmt::format("cell 'behind' is a {}", type)));
    EXPECT_THAT(error.message(), HasSubstr(reason));
    EXPECT_THAT(error.hint(), HasSubstr(fmt::format("{} begins at line {}", type, line)));
    EXPECT_THAT(error.hint(), HasSubstr("cell_kinds.lib"));
  }
}

TEST(Netlist, AnInstanceOfAnotherModule_IsRefused_WithAHintToFlatten) {
  const Error error =
      error_with("adder_and_registers.json", "\"type\": \"MUX2\"", "\"type\": \"adder\"");
  EXPECT_EQ(error.id(), "TW-NET-001");
  EXPECT_EQ(error.line(), 23);
  EXPECT_THAT(error.message(), HasSubstr("cell 'm' is an instance of module 'adder'"));
  EXPECT_THAT(error.hint(), HasSubstr("flatten"));
}

TEST(Netlist, ACombinationalLoop_IsRefused_WithItsCells) {
  const Error error = error_of([] {
    Netlist::read(data_file("netlists/loop.json"), CellLibrary::read(data_file("cell_kinds.lib")));
  });
  EXPECT_EQ(error.id(), "TW-NET-004");
  EXPECT_EQ(error.line(), 5);
  EXPECT_THAT(error.message(), HasSubstr("2 cells in a combinational loop: 'one' → 'two' → 'one'"));
  const Error alone = parse_error(json_module(json_cell("u1", "INVX1", 3, 3)));
  EXPECT_EQ(alone.id(), "TW-NET-004");
  EXPECT_THAT(alone.message(), HasSubstr("'u1' → 'u1'"));
}

TEST(Netlist, FallingEdges_ActiveResets_AndGatedClocks_AreRefused) {
  for (const char* name : {"falling_edge", "reset", "gated_clock"}) {
    const SynthesisRequest what = request({data_file(std::string(name) + ".sv")}, name);
    EXPECT_EQ(error_of([&] { synthesized(what); }).id(), "TW-NET-005") << name;
  }
}

}  // namespace
}  // namespace togglewise::tech
