// What a sweep file may say, and every way to contradict oneself in it.
#include "sim/sweep/sweep_file.h"

#include <string>
#include <vector>

#include "sim/sweep/value_range.h"
#include "tests/config/expect_error.h"
#include "tests/sweep/small_sweep.h"

namespace togglewise::sweep {
namespace {

using testing::ElementsAre;

std::vector<std::string> values_of(const SweepAxis& axis) {
  std::vector<std::string> values;
  for (const auto& level : axis.levels) values.push_back(level.at(0).yaml);
  return values;
}

class SweepFileText : public testing::Test {
 protected:
  std::vector<std::string> range(const std::string& text) {
    return values_of(read_sweep_file(small_.sweep_file("  x: " + text + "\n")).axes.at(0));
  }
  void refused(const std::string& block, const std::string& id, const std::string& word, int line,
               int column) {
    SCOPED_TRACE(block);
    expect_error([&] { read_sweep_file(small_.sweep_file(block)); },
                 {id, {"sweep.yaml", word, "expected"}, line, column});
  }
  SmallSweep small_;
};

TEST_F(SweepFileText, Ranges_AddOrMultiply_UpAndDown) {
  EXPECT_THAT(range("{from: 8, to: 256, times: 2}"),
              ElementsAre("8", "16", "32", "64", "128", "256"));
  EXPECT_THAT(range("{from: 8, to: 30, step: 8}"), ElementsAre("8", "16", "24"));
  EXPECT_THAT(range("{from: 32, to: 8, step: -12}"), ElementsAre("32", "20", "8"));
  EXPECT_THAT(range("{from: 64, to: 8, times: 0.5}"), ElementsAre("64", "32", "16", "8"));
  EXPECT_THAT(range("{from: 0.1, to: 0.3, step: 0.1}"), ElementsAre("0.1", "0.2", "0.3"));
  EXPECT_THAT(range("{from: 5, to: 5, step: 1}"), ElementsAre("5"));
}

TEST_F(SweepFileText, ListsAndSingleValues_KeepTheirText) {
  const SweepFile file = read_sweep_file(
      small_.sweep_file("  a: [1, \"2\", x]\n  b: 7\n  c, d: [[1, 2], [3, [4, 5]]]\n"));
  ASSERT_EQ(file.axes.size(), 3U);
  EXPECT_THAT(values_of(file.axes[0]), ElementsAre("1", "\"2\"", "x"));
  EXPECT_THAT(values_of(file.axes[1]), ElementsAre("7"));
  EXPECT_THAT(file.axes[2].fields, ElementsAre("c", "d"));
  EXPECT_EQ(file.axes[2].levels[1][1].yaml, "[4, 5]");
  EXPECT_EQ(file.point_count(), 6U);
}

TEST_F(SweepFileText, ContradictoryRange_IsRefusedAtTheValueThatContradicts) {
  refused("  x: {from: 9, to: 8, step: 1}\n", "TW-SWEEP-001", "goes up from 9, but 'to' is 8", 5,
          29);
  refused("  x: {from: 8, to: 9, step: -1}\n", "TW-SWEEP-001", "goes down from 8", 5, 29);
  refused("  x: {from: 9, to: 8, times: 2}\n", "TW-SWEEP-001", "goes up from 9", 5, 30);
  refused("  x: {from: 8, to: 9, step: 0}\n", "TW-SWEEP-001", "a step of 0", 5, 29);
  refused("  x: {from: 8, to: 9, times: 1}\n", "TW-SWEEP-001", "multiplies by 1", 5, 30);
  refused("  x: {from: 8, to: 9, times: -2}\n", "TW-SWEEP-001", "multiplies by -2", 5, 30);
  refused("  x: {from: 0, to: 9, times: 2}\n", "TW-SWEEP-001", "multiplies from 0", 5, 13);
  refused("  x: {from: 1, to: 9, step: 1, times: 2}\n", "TW-SWEEP-001", "more than one of", 5, 32);
  refused("  x: {from: 1, to: 9}\n", "TW-SWEEP-001", "lacks 'step' or 'times'", 5, 6);
  refused("  x: {to: 9, step: 1}\n", "TW-SWEEP-001", "lacks 'from'", 5, 6);
  refused("  x: {from: 1, from: 2, to: 9, step: 1}\n", "TW-SWEEP-001", "given twice", 5, 16);
  refused("  x: {from: 1, to: 9, stepp: 1}\n", "TW-SWEEP-001", "unknown key 'stepp'", 5, 23);
  refused("  x: {from: a, to: 9, step: 1}\n", "TW-SWEEP-001", "'from' of the range of 'x' is 'a'",
          5, 13);
  refused("  x: {from: 0, to: 1e9, step: 1}\n", "TW-SWEEP-001", "more than 200000 values", 5, 31);
}

TEST_F(SweepFileText, FieldsWithoutSense_AreRefused) {
  refused("  a,: [1]\n", "TW-SWEEP-002", "names an empty field", 5, 3);
  refused("  a: []\n", "TW-SWEEP-003", "'a' has no values", 5, 6);
  refused("  a:\n", "TW-SWEEP-003", "'a' has no values: nothing is given", 5, 3);
  refused("  a, b: [[1, 2], [3]]\n", "TW-SWEEP-003", "'a, b' has 2 fields, but here is [3]", 5, 18);
  refused("  a, b: {from: 1, to: 2, step: 1}\n", "TW-SWEEP-003", "has no values", 5, 9);
  refused("  a, b: 3\n", "TW-SWEEP-003", "has no values", 5, 9);
  refused("  {}\n", "TW-SWEEP-003", "'sweep' has no fields", 5, 3);
  refused("  [a]\n", "TW-SWEEP-003", "'sweep' has no fields", 5, 3);
  refused("  a: [1, 2, 1]\n", "TW-SWEEP-004", "has the value 1 twice", 5, 13);
  refused("  a, b: [[1, 2], [1, 2]]\n", "TW-SWEEP-004", "has the value 1, 2 twice", 5, 19);
  refused("  a: [1]\n  b: [2]\n  a: [3]\n", "TW-SWEEP-005", "field 'a' is swept twice", 7, 3);
  refused("  a: [1]\n  b, a: [[2, 3]]\n", "TW-SWEEP-005", "field 'a' is swept twice", 6, 3);
  refused("  a: {from: 1, to: 1000, step: 1}\n  b: {from: 1, to: 1000, step: 1}\n", "TW-SWEEP-006",
          "the sweep has 1000000 points", 6, 3);
}

TEST_F(SweepFileText, OwnKeys_AreCheckedLikeThoseOfEveryConfiguration) {
  small_.write("bad.yaml", "name: n\nhardware: h\nfidelitee: gate\nsweep: {a: [1]}\n");
  expect_error([&] { read_sweep_file(small_.path("bad.yaml")); },
               {"TW-CFG-002", {"did you mean 'fidelity'?"}, 3, 1});
  small_.write("bad.yaml", "name: n\nhardware: h\nfidelity: gates\nsweep: {a: [1]}\n");
  expect_error([&] { read_sweep_file(small_.path("bad.yaml")); },
               {"TW-CFG-006", {"cycles, layer, table", "did you mean 'gate'?"}, 3, 11});
  small_.write("bad.yaml", "name: n\nhardware: h\n");
  expect_error([&] { read_sweep_file(small_.path("bad.yaml")); },
               {"TW-CFG-003", {"key 'sweep' is missing"}});
}

}  // namespace
}  // namespace togglewise::sweep
