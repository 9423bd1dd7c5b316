// The sections `gating` and `mapping`, good and bad.
#include "sim/config/hardware_config.h"
#include "sim/config/yaml_reader.h"
#include "tests/config/expect_error.h"

namespace togglewise::config {
namespace {

// Line 1 is the section; the rest of a small valid file follows.
HardwareConfig read(const std::string& section, const std::string& array_key = "") {
  const std::string text = section + "\nname: small\narray:\n  rows: 4\n  columns: 4\n" +
                           array_key +
                           "clock_period_ps: 1000\nmac:\n  rtl: [mac.sv]\n  top: mac\n"
                           "technology:\n  liberty: cells.lib\n";
  return read_hardware_config(YamlText("gating.yaml", text), {});
}

TEST(Gating, IsOff_UnlessItIsNamed) {
  EXPECT_FALSE(read("").gating.any());
  HardwareConfig::Gating expected;
  expected.idle_rows = true;
  expected.weight_registers = true;
  const HardwareConfig::Gating given =
      read("gating: {idle_rows: true, weight_registers: true, zero_weight: false}").gating;
  EXPECT_TRUE(given == expected);
  EXPECT_TRUE(given.any());
}

TEST(Gating, NamesTheNearestOption_AndTheLine) {
  expect_error([] { read("gating: {idle_colums: true}"); },
               {"TW-CFG-002", {"idle_colums", "did you mean 'idle_columns'"}, 1});
  expect_error([] { read("gating: {zero_weight: 1}"); },
               {"TW-CFG-006", {"gating.zero_weight", "true or false"}, 1});
}

TEST(Gating, NeedsSingleBufferedWeights) {
  expect_error([] { read("gating: {zero_weight: true}", "  double_buffered_weights: true\n"); },
               {"TW-CFG-011", {"double-buffered", "double_buffered_weights: false"}, 6});
  EXPECT_NO_THROW(read("gating: {zero_weight: false}", "  double_buffered_weights: true\n"));
}

TEST(MappingPermissions, AreAll_UnlessTheyAreListed) {
  EXPECT_TRUE(read("").mapping.partial_sum_offset);
  const HardwareConfig::MappingPermissions some =
      read("mapping: {allow: [row_order, pixel_table]}").mapping;
  EXPECT_TRUE(some.row_order);
  EXPECT_TRUE(some.pixel_table);
  EXPECT_FALSE(some.column_sign);
  EXPECT_FALSE(some.partial_sum_offset);
  EXPECT_FALSE(read("mapping: {allow: []}").mapping.row_order);
}

TEST(MappingPermissions, NameTheNearestOne) {
  expect_error([] { read("mapping: {allow: [colum_sign]}"); },
               {"TW-CFG-012", {"colum_sign", "did you mean 'column_sign'", "tile_order"}, 1});
}

}  // namespace
}  // namespace togglewise::config
