#include "sim/topology/scalesim_config.h"

#include <gtest/gtest.h>

#include "tests/config/expect_error.h"
#include "tests/topology/text_file.h"

namespace togglewise::topology {
namespace {

const std::string example =
    "[general]\n"
    "run_name = small\n"
    "\n"
    "[architecture_presets]\n"
    "ArrayHeight:    16\n"
    "ArrayWidth:     8\n"
    "ifmapsramszkb:  64\n"
    "FilterSramSzkB = 32\n"
    "OfmapSramSzkB:  16\n"
    "IfmapOffset:    0\n"
    "# a comment\n"
    "; another\n"
    "Dataflow : ws\n"
    "Bandwidth : 12, 14\n"
    "\n"
    "[run_presets]\n"
    "InterfaceBandwidth: CALC \n";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = example;
  text.replace(text.find(from), from.size(), to);
  return text;
}

ScaleSimConfig read(const std::string& text) {
  return read_scalesim_config(TextFile("array.cfg", text).path());
}

void expect_refused(const std::string& text, const ExpectedError& expected) {
  const TextFile file("array.cfg", text);
  expect_error([&] { read_scalesim_config(file.path()); }, expected);
}

TEST(ScaleSimConfig, IsReadInAnyCaseWithEitherSeparator) {
  for (const std::string& text : {example, "\xEF\xBB\xBF" + example}) {
    const ScaleSimConfig config = read(text);
    EXPECT_EQ(config.run_name, "small");
    EXPECT_EQ(config.array_height, 16);
    EXPECT_EQ(config.array_width, 8);
    EXPECT_EQ(config.ifmap_sram_kb, 64);
    EXPECT_EQ(config.filter_sram_kb, 32);
    EXPECT_EQ(config.ofmap_sram_kb, 16);
    EXPECT_FALSE(config.user_bandwidth);
  }
}

TEST(ScaleSimConfig, BecomesAnArrayWithoutMemoryLimits_WhenBandwidthIsCalculated) {
  const config::HardwareConfig hardware = to_hardware_config(read(example));
  EXPECT_EQ(hardware.name, "small");
  EXPECT_EQ(hardware.array.rows, 16);
  EXPECT_EQ(hardware.array.columns, 8);
  EXPECT_EQ(hardware.array.partial_sum_bits, 20);
  EXPECT_FALSE(hardware.array.double_buffered_weights);
  EXPECT_FALSE(hardware.memories.given);
}

TEST(ScaleSimConfig, GivesItsMemories_WhenBandwidthIsTheUsers) {
  const config::HardwareConfig hardware = to_hardware_config(read(replaced("CALC", "user")));
  EXPECT_TRUE(hardware.memories.given);
  EXPECT_EQ(hardware.memories.dram.bytes_per_cycle, 12);
  EXPECT_EQ(hardware.memories.ifmap_sram.bytes, 64 * 1024);
  EXPECT_EQ(hardware.memories.filter_sram.bytes, 32 * 1024);
  EXPECT_EQ(hardware.memories.ofmap_sram.bytes, 16 * 1024);
}

TEST(ScaleSimConfig, OfATogglewiseArrayHasItsSizesAndOtherwiseTheDefaults) {
  config::HardwareConfig hardware;
  hardware.array.rows = 5;
  hardware.array.columns = 7;
  hardware.memories.ofmap_sram.bytes = 9 * 1024;
  const ScaleSimConfig config = to_scalesim_config(hardware);
  EXPECT_EQ(config.array_height, 5);
  EXPECT_EQ(config.array_width, 7);
  EXPECT_EQ(config.ifmap_sram_kb, 256);
  EXPECT_EQ(config.ofmap_sram_kb, 9);
}

TEST(ScaleSimConfig, IsRefused_WhenItIsNoSuchFile) {
  expect_refused("ArrayHeight: 3\n", {"TW-SCALESIM-001", {"before the first [section]"}, 1});
  expect_refused(example + "nonsense\n", {"TW-SCALESIM-001", {"'key: value'"}, 18});
  expect_refused(replaced("ArrayWidth:     8", "arrayheight: 8"),
                 {"TW-SCALESIM-001", {"given twice"}, 6});
}

TEST(ScaleSimConfig, IsRefused_WhenAKeyIsMissing) {
  expect_refused(replaced("ArrayHeight", "ArrayHieght"),
                 {"TW-SCALESIM-002", {"[architecture_presets]", "ArrayHeight", "'arrayhieght'"}});
  expect_refused(replaced("run_name = small", ""), {"TW-SCALESIM-002", {"[general]", "run_name"}});
  expect_refused("", {"TW-SCALESIM-002", {"array.cfg"}});
}

TEST(ScaleSimConfig, IsRefused_WhenAValueIsOutOfRange) {
  expect_refused(replaced("16\nArrayWidth", "257\nArrayWidth"),
                 {"TW-SCALESIM-003", {"ArrayHeight", "'257'", "1 to 256"}, 5});
  expect_refused(replaced("OfmapSramSzkB:  16", "OfmapSramSzkB: 0"),
                 {"TW-SCALESIM-003", {"OfmapSramSzkB"}, 9});
  expect_refused(replaced("CALC", "FAST"), {"TW-SCALESIM-003", {"'FAST'", "USER or CALC"}, 17});
  std::string zero_bandwidth = replaced("CALC", "USER");
  zero_bandwidth.replace(zero_bandwidth.find("12, 14"), 6, "0");
  expect_refused(zero_bandwidth, {"TW-SCALESIM-003", {"Bandwidth", "'0'"}, 14});
}

TEST(ScaleSimConfig, IsRefused_WhenItAsksForWhatIsNotModelled) {
  expect_refused(replaced(": ws", ": os"), {"TW-SCALESIM-004", {"'os'", "ws"}, 13});
  expect_refused(example + "[sparsity]\nSparsitySupport : True\n",
                 {"TW-SCALESIM-004", {"SparsitySupport", "false"}, 19});
}

}  // namespace
}  // namespace togglewise::topology
