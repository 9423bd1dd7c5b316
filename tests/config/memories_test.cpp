// The section `memories` and array.double_buffered_weights, good and bad.
#include "sim/config/hardware_config.h"
#include "sim/config/yaml_reader.h"
#include "tests/config/expect_error.h"

namespace togglewise::config {
namespace {

// Line 1 is the first of `memories`; the rest of a small valid file follows.
HardwareConfig read(const std::string& memories, const std::string& array_key = "") {
  const std::string text = memories + "\nname: small\narray:\n  rows: 4\n  columns: 4\n" +
                           array_key +
                           "clock_period_ps: 1000\nmac:\n  rtl: [mac.sv]\n  top: mac\n"
                           "technology:\n  liberty: cells.lib\n";
  return read_hardware_config(YamlText("memories.yaml", text), {});
}

std::string memories(const std::string& dram, const std::string& ofmap = "bytes: 0") {
  return "memories:\n  dram: {" + dram +
         "}\n  ifmap_sram: {bytes: 1024, bytes_per_cycle: 4, read_pj_per_byte: 1.5}\n"
         "  filter_sram: {bytes: 512}\n  ofmap_sram: {" +
         ofmap + "}";
}

TEST(Memories, AreNotThere_WhenTheSectionIsNot) {
  const HardwareConfig config = read("");
  EXPECT_FALSE(config.memories.given);
  EXPECT_FALSE(config.array.double_buffered_weights);
}

TEST(Memories, AreReadAsWritten) {
  const HardwareConfig::Memories given =
      read(memories("bytes_per_cycle: 2.5, latency_cycles: 0, write_pj_per_byte: 100")).memories;
  EXPECT_TRUE(given.given);
  EXPECT_EQ(given.dram.bytes_per_cycle, 2.5);
  EXPECT_EQ(given.dram.latency_cycles, 0);
  EXPECT_EQ(given.dram.read_pj_per_byte, 0);
  EXPECT_EQ(given.dram.write_pj_per_byte, 100);
  EXPECT_EQ(given.ifmap_sram.bytes, 1024);
  EXPECT_EQ(given.ifmap_sram.bytes_per_cycle, 4);
  EXPECT_EQ(given.ifmap_sram.read_pj_per_byte, 1.5);
  EXPECT_EQ(given.filter_sram.bytes, 512);
  EXPECT_EQ(given.filter_sram.bytes_per_cycle, 0);
  EXPECT_EQ(given.ofmap_sram.bytes, 0);
}

TEST(Memories, ShippedExample_ReadsAsDocumented) {
  const HardwareConfig config = read_hardware_config(std::filesystem::path(TOGGLEWISE_SOURCE_DIR) /
                                                     "hw_configs/ws64x64_osu018_memories.yaml");
  EXPECT_TRUE(config.array.double_buffered_weights);
  EXPECT_TRUE(config.memories.given);
  EXPECT_EQ(config.memories.dram.read_pj_per_byte, 1300.0 / 8);  // 1.3 nJ per 64 bits
  EXPECT_EQ(config.memories.ofmap_sram.bytes, 512 * 1024);
  EXPECT_EQ(config.memories.ifmap_sram.read_pj_per_byte, 0);
}

TEST(DoubleBufferedWeights, AreTrueOrFalse) {
  EXPECT_TRUE(read("", "  double_buffered_weights: true\n").array.double_buffered_weights);
  EXPECT_FALSE(read("", "  double_buffered_weights: false\n").array.double_buffered_weights);
  expect_error([] { read("", "  double_buffered_weights: 2\n"); },
               {"TW-CFG-006", {"'array.double_buffered_weights' is '2'", "true", "false"}, 6, 28});
}

TEST(Memories, RefuseZeroAndNegativeBandwidth) {
  expect_error([] { read(memories("bytes_per_cycle: 0, latency_cycles: 10")); },
               {"TW-CFG-005",
                {"'memories.dram.bytes_per_cycle' is 0", "from 0.001 and up to 1000000"},
                2,
                27});
  expect_error([] { read(memories("bytes_per_cycle: -3, latency_cycles: 10")); },
               {"TW-CFG-005", {"is -3, out of range"}, 2, 27});
}

TEST(Memories, RefuseNegativeLatencySizeAndEnergy) {
  expect_error([] { read(memories("bytes_per_cycle: 1, latency_cycles: -1")); },
               {"TW-CFG-005", {"'memories.dram.latency_cycles' is -1", "from 0 to 1000000"}, 2});
  expect_error([] { read(memories("bytes_per_cycle: 1, latency_cycles: 1", "bytes: -4")); },
               {"TW-CFG-005", {"'memories.ofmap_sram.bytes' is -4", "from 0 to"}, 5});
  expect_error(
      [] { read(memories("bytes_per_cycle: 1, latency_cycles: 1, read_pj_per_byte: -0.5")); },
      {"TW-CFG-005", {"'memories.dram.read_pj_per_byte' is -0.5", "from 0 and up to 1000000"}, 2});
}

TEST(Memories, RefuseASize_WithAUnitBehindIt) {
  expect_error([] { read(memories("bytes_per_cycle: 1, latency_cycles: 1", "bytes: 64 KiB")); },
               {"TW-CFG-004", {"'memories.ofmap_sram.bytes' is '64 KiB'", "a whole number"}, 5});
  expect_error([] { read(memories("bytes_per_cycle: 16GB/s, latency_cycles: 1")); },
               {"TW-CFG-004", {"'memories.dram.bytes_per_cycle' is '16GB/s'", "a number from"}, 2});
}

TEST(Memories, NameTheKey_ThatIsMissingOrMisspelled) {
  expect_error([] { read(memories("bytes_per_cycle: 1")); },
               {"TW-CFG-003", {"key 'latency_cycles' is missing in 'memories.dram'"}, 2});
  expect_error(
      [] { read(memories("bandwidth: 1, latency_cycles: 1")); },
      {"TW-CFG-002", {"unknown key 'bandwidth' in 'memories.dram'", "bytes_per_cycle"}, 2});
  expect_error([] { read("memories:\n  dram: {bytes_per_cycle: 1, latency_cycles: 1}"); },
               {"TW-CFG-003", {"key 'ifmap_sram' is missing in 'memories'"}, 1});
}

}  // namespace
}  // namespace togglewise::config
