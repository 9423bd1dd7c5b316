#include "sim/accelergy/reference_files.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/random.h"

namespace togglewise::accelergy {
namespace {

using testing::HasSubstr;
using testing::Not;

ReferenceTable small_table() {
  return {{"system.array.pe[0..3].mac",
           {{"mac_random", {}, 0.5},
            {"compute", {{"weight", std::int64_t{-3}}, {"group", std::string("conv 1")}}, 1e-7},
            {"compute", {{"weight", std::int64_t{4}}, {"group", std::string("3")}}, 2.0}}},
          {"system.DRAM", {{"read", {}, 0.0}}}};
}

ActionCounts small_counts() {
  return {{"system.array.pe[0..3].mac",
           {{"compute", {{"weight", std::int64_t{-3}}, {"group", std::string("conv 1")}}, 7}}},
          {"system.DRAM", {{"read", {}, 123456789012345}}}};
}

TEST(ReferenceFiles, ReadBackAsTheyWereWritten) {
  const ReferenceTable table = parse_ert(ert_yaml(small_table(), {"a comment"}), "ERT.yaml");
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table[0].name, "system.array.pe[0..3].mac");
  ASSERT_EQ(table[0].actions.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table[0].actions[i].name, small_table()[0].actions[i].name);
    EXPECT_EQ(table[0].actions[i].arguments, small_table()[0].actions[i].arguments);
    EXPECT_EQ(table[0].actions[i].energy_pj, small_table()[0].actions[i].energy_pj);
  }
  const ActionCounts counts =
      parse_action_counts(action_counts_yaml(small_counts(), {}), "action_counts.yaml");
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].actions[0].arguments, small_counts()[0].actions[0].arguments);
  EXPECT_EQ(counts[1].actions[0].count, 123456789012345U);
}

TEST(YamlNumber, ReadsBackAsTheSameDouble_AndLooksLikeANumberToEveryReader) {
  Random random(3);
  std::vector<double> values{0.0, 1.0, 5.0, 1e-5, 1e22, 1e-300, 0.1, 123456.0};
  for (int i = 0; i < 2000; ++i) {
    values.push_back(std::ldexp(random.between(1, 1 << 30), random.between(-60, 30)));
  }
  for (const double value : values) {
    const std::string text = yaml_number(value);
    EXPECT_EQ(std::stod(text), value) << text;
    // YAML 1.1: [-+]?[0-9]+\.[0-9]*([eE][-+][0-9]+)?
    const std::size_t point = text.find('.');
    const std::size_t exponent = text.find('e');
    ASSERT_NE(point, std::string::npos) << text;
    if (exponent == std::string::npos) continue;
    EXPECT_LT(point, exponent) << text;
    EXPECT_THAT(std::string("+-"), HasSubstr(text.substr(exponent + 1, 1))) << text;
  }
}

TEST(YamlText, IsNoTemplateAndNoSecondLine_WhateverIsInANameOrAComment) {
  const std::string name = "a {{ b }} {% c %} \"d\" \\ e\nf";
  const ReferenceTable table{{"m", {{"compute", {{"group", name}}, 1.0}}}};
  const std::string text = ert_yaml(table, {"x {{ y }}\nz"});
  EXPECT_THAT(text, Not(HasSubstr("{{")));
  EXPECT_THAT(text, Not(HasSubstr("{%")));
  EXPECT_EQ(text.rfind("# x __ y ___z\n", 0), 0U) << text;
  const ReferenceTable back = parse_ert(text, "ERT.yaml");
  EXPECT_EQ(std::get<std::string>(back[0].actions[0].arguments[0].second), name);
}

struct BadFile {
  const char* what;
  const char* text;
  int line;
  const char* words;
};

class BadErt : public testing::TestWithParam<BadFile> {};

TEST_P(BadErt, IsRefusedWithItsLine) {
  try {
    parse_ert(GetParam().text, "ERT.yaml");
    FAIL() << GetParam().what;
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-ERT-004");
    EXPECT_EQ(error.file(), "ERT.yaml");
    EXPECT_EQ(error.line(), GetParam().line) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(GetParam().words));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadErt,
    testing::Values(
        BadFile{"no YAML", "ERT: [", 1, "not YAML"},
        BadFile{"another top key", "ART:\n  version: 0.4\n", 1, "'ERT' is missing"},
        BadFile{"no version", "ERT:\n  tables: []\n", 2, "'version' is missing"},
        BadFile{"an old version", "ERT:\n  version: 0.2\n  tables: []\n", 2, "another version"},
        BadFile{"tables by name", "ERT:\n  version: 0.4\n  tables:\n    a: 1\n", 4, "no list"},
        BadFile{"no arguments",
                "ERT:\n  version: 0.4\n  tables:\n  - name: a\n    actions:\n"
                "    - {name: b, energy: 1.0}\n",
                6, "'arguments' is missing"},
        BadFile{"no number",
                "ERT:\n  version: 0.4\n  tables:\n  - name: a\n    actions:\n"
                "    - {name: b, arguments: null, energy: much}\n",
                6, "no number"},
        BadFile{"arguments that differ",
                "ERT:\n  version: 0.4\n  tables:\n  - name: a\n    actions:\n"
                "    - {name: b, arguments: {c: 1}, energy: 1.0}\n"
                "    - {name: b, arguments: {d: 1}, energy: 1.0}\n",
                7, "differ in their arguments"}));

class BadCounts : public testing::TestWithParam<BadFile> {};

TEST_P(BadCounts, IsRefusedWithItsLine) {
  try {
    parse_action_counts(GetParam().text, "action_counts.yaml");
    FAIL() << GetParam().what;
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-ERT-004");
    EXPECT_EQ(error.line(), GetParam().line) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(GetParam().words));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadCounts,
    testing::Values(
        BadFile{"a count that is none",
                "action_counts:\n  version: 0.4\n  local:\n  - name: a\n    action_counts:\n"
                "    - {name: b, counts: 1.5}\n",
                6, "no number"},
        BadFile{"arguments that are a list",
                "action_counts:\n  version: 0.4\n  local:\n  - name: a\n    action_counts:\n"
                "    - {name: b, arguments: [1], counts: 1}\n",
                6, "no mapping"},
        BadFile{"no local components", "action_counts:\n  version: 0.4\n", 2,
                "'local' is missing"}));

}  // namespace
}  // namespace togglewise::accelergy
