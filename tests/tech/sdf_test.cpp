#include "sim/tech/sdf.h"

#include "sim/base/files.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A half adder inside an instance, into a register.
Netlist demo() {
  const char* const circuit = R"({"modules": {"demo": {"attributes": {},
    "ports": {"a": {"direction": "input", "bits": [2]}, "b": {"direction": "input", "bits": [3]},
              "ck": {"direction": "input", "bits": [4]}, "q": {"direction": "output", "bits": [7]}},
    "cells": {"u_add.half$1": {"type": "HALF", "connections": {"A": [2], "B": [3], "S": [5], "C": [6]}},
              "r_0": {"type": "SLOWDFF", "connections": {"D": [5], "CK": [4], "Q": [7]}}},
    "netnames": {"a": {"bits": [2]}, "b": {"bits": [3]}, "ck": {"bits": [4]}, "s": {"bits": [5]},
                 "c": {"bits": [6]}, "q": {"bits": [7]}}}}})";
  return Netlist::parse(circuit, "demo.json", CellLibrary::read(data_file("tiny_delays.lib")));
}

TEST(Sdf, HasEveryArc_OfEveryCell_InNanoseconds) {
  const Netlist netlist = demo();
  const std::string text = sdf_text(netlist, compute_delays(netlist, {0.05, 2.0, 1000.0}));
  EXPECT_THAT(text, HasSubstr("(DELAYFILE\n  (SDFVERSION \"3.0\")\n  (DESIGN \"demo\")"));
  EXPECT_THAT(text, HasSubstr("(TIMESCALE 1ns)"));
  EXPECT_THAT(text, HasSubstr("(VOLTAGE 1.000:1.000:1.000)"));
  // 4 fF of pin, 2 fF of wire: 6 ps up, 12 ps down; the mean of two arcs; nothing below zero.
  EXPECT_THAT(text, HasSubstr("(CELL (CELLTYPE \"HALF\") (INSTANCE u_add\\.half\\$1)\n"
                              "    (DELAY\n"
                              "      (ABSOLUTE\n"
                              "        (IOPATH A S (0.006000:0.006000:0.006000) "
                              "(0.012000:0.012000:0.012000))\n"
                              "        (IOPATH B S (0.020000:0.020000:0.020000) "
                              "(0.040000:0.040000:0.040000))\n"
                              "        (IOPATH A C (0.000000:0.000000:0.000000) "
                              "(0.009000:0.009000:0.009000))\n"));
  EXPECT_THAT(text, HasSubstr("(CELL (CELLTYPE \"SLOWDFF\") (INSTANCE r_0)\n"
                              "    (DELAY\n"
                              "      (ABSOLUTE\n"
                              "        (IOPATH CK Q (0.050000:0.050000:0.050000) "
                              "(0.050000:0.050000:0.050000))\n"));
}

TEST(Sdf, Brackets_AreClosed) {
  const Netlist mac = synthesized(mac_request());
  const std::string text = sdf_text(mac, compute_delays(mac, {}));
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    EXPECT_GT(depth, i + 2 < text.size() ? 0 : -1);
  }
  EXPECT_EQ(depth, 0);
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

TEST(Sdf, InstancesAreThoseOfTheVerilogNetlist) {
  const SynthesisResult files = synthesize(mac_request());
  const std::string verilog = read_file(files.verilog_file);
  const Netlist mac = Netlist::read(files.json_file, CellLibrary::read(osu018_file()));
  const std::string text = sdf_text(mac, compute_delays(mac, {}));
  std::size_t instances = 0;
  for (std::size_t at = text.find("(CELL ("); at != std::string::npos;
       at = text.find("(CELL (", at + 1), ++instances) {
    const std::size_t type_at = text.find('"', at) + 1;
    const std::string type = text.substr(type_at, text.find('"', type_at) - type_at);
    const std::size_t name_at = text.find("(INSTANCE ", at) + 10;
    std::string name = text.substr(name_at, text.find(')', name_at) - name_at);
    const bool escaped = name.find('\\') != std::string::npos;
    name.erase(std::remove(name.begin(), name.end(), '\\'), name.end());
    const std::string instance = escaped ? type + " \\" + name + "  (" : type + " " + name + " (";
    EXPECT_THAT(verilog, HasSubstr(instance));
  }
  EXPECT_EQ(instances, mac.cells().size());
}

TEST(Sdf, IsWrittenToAFile) {
  const TemporaryDirectory folder;
  const Netlist netlist = demo();
  const NetlistDelays delays = compute_delays(netlist, {});
  write_sdf(folder.path() / "demo.sdf", netlist, delays);
  EXPECT_EQ(read_file(folder.path() / "demo.sdf"), sdf_text(netlist, delays));
}

}  // namespace
}  // namespace togglewise::tech
