// The section `voltage`, good and bad.
#include "sim/config/hardware_config.h"
#include "sim/config/yaml_reader.h"
#include "tests/config/expect_error.h"

namespace togglewise::config {
namespace {

// Line 1 is the section; the rest of a small valid file follows.
HardwareConfig read(const std::string& section) {
  const std::string text = section +
                           "\nname: small\narray:\n  rows: 4\n  columns: 4\n"
                           "clock_period_ps: 1000\nmac:\n  rtl: [mac.sv]\n  top: mac\n"
                           "technology:\n  liberty: cells.lib\n";
  return read_hardware_config(YamlText("voltage.yaml", text), {});
}

TEST(Voltage, IsNotThere_WhenTheSectionIsNot) { EXPECT_FALSE(read("").voltage.given); }

TEST(Voltage, IsAPowerLaw_OrATable) {
  const HardwareConfig::Voltage law =
      read("voltage: {nominal_v: 1.8, minimum_v: 0.9, threshold_v: 0.45, alpha: 1.3}").voltage;
  EXPECT_TRUE(law.given);
  EXPECT_EQ(law.nominal_v, 1.8);
  EXPECT_EQ(law.minimum_v, 0.9);
  EXPECT_EQ(law.threshold_v, 0.45);
  EXPECT_EQ(law.alpha, 1.3);
  EXPECT_TRUE(law.delay_factor.empty());
  const HardwareConfig::Voltage table =
      read("voltage: {nominal_v: 1.8, minimum_v: 1, delay_factor: [[1, 3], [1.8, 1.5]]}").voltage;
  ASSERT_EQ(table.delay_factor.size(), 2U);
  EXPECT_EQ(table.delay_factor[1].supply_v, 1.8);
  EXPECT_EQ(table.delay_factor[1].factor, 1.5);
}

TEST(Voltage, NeedsOneRelation) {
  const std::string start = "voltage: {nominal_v: 1.8, minimum_v: 0.9";
  for (const std::string& rest :
       {std::string("}"), std::string(", alpha: 1.3}"), std::string(", threshold_v: 0.4}"),
        std::string(", alpha: 1.3, threshold_v: 0.4, delay_factor: [[0.9, 2], [1.8, 1]]}"),
        std::string(", alpha: 1.3, delay_factor: [[0.9, 2], [1.8, 1]]}")}) {
    expect_error([&] { read(start + rest); }, {"TW-CFG-013", {"in one way", "delay_factor"}, 1});
  }
}

TEST(Voltage, RefusesVoltagesThatContradictEachOther) {
  expect_error(
      [] { read("voltage: {nominal_v: 1.8, minimum_v: 1.9, threshold_v: 0.4, alpha: 1.3}"); },
      {"TW-CFG-013", {"'voltage.minimum_v' is 1.9", "not above"}, 1});
  expect_error(
      [] { read("voltage: {nominal_v: 1.8, minimum_v: 0.4, threshold_v: 0.4, alpha: 1.3}"); },
      {"TW-CFG-013", {"threshold"}, 1});
  expect_error(
      [] { read("voltage: {nominal_v: 1.8, minimum_v: 0.9, threshold_v: 0.4, alpha: 2.3}"); },
      {"TW-CFG-005", {"voltage.alpha"}, 1});
  expect_error([] { read("voltage: {nominal_v: 1.8, alpha: 1.3, threshold_v: 0.4}"); },
               {"TW-CFG-003", {"minimum_v"}});
  expect_error(
      [] { read("voltage: {nominal_v: 1.8, minimum_v: 0.9, delay_factor: [[1, 2], [1.8, 1]]}"); },
      {"TW-CFG-013", {"'voltage.minimum_v' is 0.9, outside", "1 to 1.8"}, 1});
}

TEST(Voltage, RefusesATable_ThatIsNone) {
  const std::string start = "voltage: {nominal_v: 1.8, minimum_v: 1, delay_factor: ";
  expect_error([&] { read(start + "[[1, 2], [1.4, 2], [1.8, 1]]}"); },
               {"TW-CFG-013", {"[1.4, 2]", "descending"}, 1});
  expect_error([&] { read(start + "[[1, 2]]}"); }, {"TW-CFG-004", {"list of points"}, 1});
  expect_error([&] { read(start + "2}"); }, {"TW-CFG-004", {"list of points"}, 1});
  expect_error([&] { read(start + "[[1, 2], 3]}"); }, {"TW-CFG-004", {"list of points"}, 1});
  expect_error([&] { read(start + "[[1, 2], [1.8, fast]]}"); },
               {"TW-CFG-004", {"fast", "a number above 0"}, 1});
}

TEST(Voltage, ShippedExample_ReadsAsDocumented) {
  const HardwareConfig config = read_hardware_config(std::filesystem::path(TOGGLEWISE_SOURCE_DIR) /
                                                     "hw_configs/ws64x64_osu018_voltage.yaml");
  EXPECT_TRUE(config.voltage.given);
  EXPECT_EQ(config.voltage.nominal_v, 1.8);
  EXPECT_EQ(config.voltage.alpha, 1.3);
}

}  // namespace
}  // namespace togglewise::config
