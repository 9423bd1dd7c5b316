#include "sim/config/hardware_config.h"

#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "tests/config/expect_error.h"

namespace togglewise::config {
namespace {

const std::filesystem::path source = TOGGLEWISE_SOURCE_DIR;
const std::filesystem::path data = source / "tests/config/data";

TEST(HardwareConfig, ShippedConfigs_ReadAsDocumented) {
  const std::filesystem::path file = source / "hw_configs/ws64x64_osu018.yaml";
  const HardwareConfig large = read_hardware_config(file);
  EXPECT_EQ(large.name, "ws64x64_osu018");
  EXPECT_EQ(large.array.rows, 64);
  EXPECT_EQ(large.array.columns, 64);
  EXPECT_EQ(large.array.weight_bits, 8);
  EXPECT_EQ(large.array.activation_bits, 8);
  EXPECT_EQ(large.array.partial_sum_bits, 22);
  EXPECT_EQ(large.clock_period_ps, 8000);
  EXPECT_EQ(large.mac.top, "mac");
  EXPECT_THAT(large.mac.rtl, testing::ElementsAre(source / "rtl/multiplier.sv",
                                                  source / "rtl/adder.sv", source / "rtl/mac.sv"));
  EXPECT_EQ(large.technology.liberty, "/usr/share/qflow/tech/osu018/osu018_stdcells.lib");
  EXPECT_EQ(large.technology.liberty_package, "qflow-tech-osu018");
  EXPECT_EQ(large.file, file);
  EXPECT_EQ(large.text_hash, hash_bytes(read_file(file)));

  const HardwareConfig small = read_hardware_config(source / "hw_configs/ws16x16_osu018.yaml");
  EXPECT_EQ(small.name, "ws16x16_osu018");
  EXPECT_EQ(small.array.rows, 16);
  EXPECT_EQ(small.array.columns, 16);
  EXPECT_EQ(small.array.partial_sum_bits, 20);
}

TEST(HardwareConfig, PartialSumBits_AreDerivedWhenLeftOut) {
  const HardwareConfig config = read_hardware_config(data / "small.yaml");
  EXPECT_EQ(config.array.partial_sum_bits, 8 + 8 + 4);
  EXPECT_EQ(config.technology.input_slew_ns, 0.1);
  EXPECT_EQ(config.energy.grouping, "operands-zero-in-out");
}

// rows · (−2^(w−1)) · (−2^(a−1)) is the largest sum; it must fit, and one bit less must not do.
TEST(HardwareConfig, DerivedPartialSumBits_HoldTheWorstSumAndNoBitMore) {
  for (int rows = 1; rows <= 256; ++rows) {
    for (const int bits : {4, 8}) {
      const int width = derived_partial_sum_bits({rows, 1, bits, 8, 0});
      const long long largest = static_cast<long long>(rows) << (bits - 1 + 7);
      EXPECT_LT(largest, 1LL << (width - 1)) << rows;
      const bool power_of_two = (rows & (rows - 1)) == 0;
      if (power_of_two) {
        EXPECT_GE(largest, 1LL << (width - 2)) << rows;
      }
    }
  }
}

TEST(HardwareConfig, WiderPartialSums_AreAllowedNarrowerOnesExplained) {
  EXPECT_EQ(read_hardware_config(data / "partial_sums_wide.yaml").array.partial_sum_bits, 24);
  expect_error([] { read_hardware_config(data / "partial_sums_too_narrow.yaml"); },
               {"TW-CFG-008",
                {"'array.partial_sum_bits' is 19", "need 20 bits", "20 to 32",
                 "an overflow policy (saturate, wrap) is not offered"},
                5,
                21});
}

TEST(HardwareConfig, MissingTechnologyFiles_AreNamedWithThePackageThatHasThem) {
  HardwareConfig config = read_hardware_config(source / "hw_configs/ws64x64_osu018.yaml");
  config.technology.liberty = "/nowhere/cells.lib";
  expect_error([&] { require_technology_files(config); },
               {"TW-CFG-010",
                {"technology.liberty", "/nowhere/cells.lib", "apt-get install qflow-tech-osu018"}});
  const HardwareConfig without_rtl = read_hardware_config(data / "small.yaml");
  expect_error([&] { require_technology_files(without_rtl); },
               {"TW-CFG-010", {"mac.rtl", (data / "mac.sv").string()}});
}

}  // namespace
}  // namespace togglewise::config
