#include "sim/accelergy/estimation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"

namespace togglewise::accelergy {
namespace {

Arguments of(std::int64_t weight, const std::string& group) {
  return {{"weight", weight}, {"group", group}};
}

const ReferenceTable table{
    {"system.pe[0..15].mac",
     {{"compute", of(1, "a"), 2.0}, {"compute", of(1, "b"), 3.0}, {"compute", of(1, "a"), 99.0}}},
    {"system.DRAM", {{"read", {}, 10.0}, {"write", {}, 20.0}}}};

TEST(Estimation, AddsCountsTimesTheEnergyOfTheFirstEntryWithTheseArguments) {
  const Estimation estimation =
      estimate(table,
               {{"system.pe[0..15].mac", {{"compute", of(1, "a"), 5}, {"compute", of(1, "b"), 7}}},
                {"system.DRAM", {{"read", {}, 1}, {"write", {}, 2}}}},
               "action_counts.yaml");
  EXPECT_DOUBLE_EQ(estimation.of("system.pe[0..15].mac"), 5 * 2.0 + 7 * 3.0);
  EXPECT_DOUBLE_EQ(estimation.of("system.DRAM"), 50.0);
  EXPECT_DOUBLE_EQ(estimation.total_pj, 81.0);
  EXPECT_EQ(estimation.of("system.SRAM"), 0.0);
}

TEST(Estimation, FindsArgumentsInAnyOrder_AndOneInstanceOfAList) {
  const Arguments swapped{{"group", std::string("b")}, {"weight", std::int64_t{1}}};
  const Estimation estimation =
      estimate(table, {{"system.pe[3].mac", {{"compute", swapped, 2}}}}, "action_counts.yaml");
  EXPECT_DOUBLE_EQ(estimation.total_pj, 6.0);
}

void expect_refused(const ActionCounts& counts, const std::string& words) {
  try {
    estimate(table, counts, "action_counts.yaml");
    FAIL() << words;
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-ERT-005");
    EXPECT_EQ(error.file(), "action_counts.yaml");
    EXPECT_THAT(error.what(), testing::HasSubstr(words));
  }
}

TEST(Estimation, RefusesActionsThatTheTableDoesNotHave) {
  expect_refused({{"system.SRAM", {{"read", {}, 1}}}}, "no component 'system.SRAM'");
  expect_refused({{"system.pe[0..16].mac", {{"compute", of(1, "a"), 1}}}},
                 "one within system.pe[0..15].mac");
  expect_refused({{"system.DRAM", {{"erase", {}, 1}}}}, "no entry for action 'erase'");
  expect_refused({{"system.pe[0..15].mac", {{"compute", of(2, "a"), 1}}}}, "with these arguments");
  // A number is not the text of its digits.
  expect_refused({{"system.pe[0..15].mac",
                   {{"compute", {{"weight", std::string("1")}, {"group", std::string("a")}}, 1}}}},
                 "with these arguments");
}

}  // namespace
}  // namespace togglewise::accelergy
