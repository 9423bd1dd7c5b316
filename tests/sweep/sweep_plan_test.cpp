#include "sim/sweep/sweep_plan.h"

#include <string>
#include <vector>

#include "tests/config/expect_error.h"
#include "tests/sweep/small_sweep.h"

namespace togglewise::sweep {
namespace {

class Plan : public testing::Test {
 protected:
  SweepPlan plan(const std::string& block, int threads = 1) {
    return SweepPlan(read_sweep_file(small_.sweep_file(block)), threads);
  }
  void refused(const std::string& block, const std::string& id,
               const std::vector<std::string>& words, int line, int column) {
    SCOPED_TRACE(block);
    std::vector<std::string> all = words;
    all.push_back("sweep.yaml");
    for (const int threads : {1, 4}) {
      expect_error([&] { plan(block, threads); }, {id, all, line, column});
    }
  }
  SmallSweep small_;
};

TEST_F(Plan, IsTheCrossProduct_WithTheLastFieldFastest) {
  const SweepPlan sweep =
      plan("  array.rows: [8, 4]\n  clock_period_ps: {from: 7000, to: 9000, step: 1000}\n");
  ASSERT_EQ(sweep.size(), 6U);
  std::vector<std::string> labels;
  for (std::uint64_t i = 0; i < 6; ++i) labels.push_back(point_label(sweep, sweep.point(i)));
  EXPECT_THAT(labels,
              testing::ElementsAre("8×16, clock_period_ps 7000", "8×16, clock_period_ps 8000",
                                   "8×16, clock_period_ps 9000", "4×16, clock_period_ps 7000",
                                   "4×16, clock_period_ps 8000", "4×16, clock_period_ps 9000"));
  EXPECT_EQ(sweep.point(5).hardware.clock_period_ps, 9000);
  EXPECT_EQ(sweep.point(5).hardware.array.rows, 4);
}

TEST_F(Plan, PartialSumBits_FollowSweptRows_UnlessSweptThemselves) {
  const SweepPlan derived = plan("  array.rows: [8, 256]\n");
  EXPECT_EQ(derived.point(0).hardware.array.partial_sum_bits, 19);
  EXPECT_EQ(derived.point(1).hardware.array.partial_sum_bits, 24);
  const SweepPlan fixed = plan("  array.rows: [8, 256]\n  array.partial_sum_bits: 24\n");
  EXPECT_EQ(fixed.point(0).hardware.array.partial_sum_bits, 24);
  // The base's own width stands where nothing that decides it is swept.
  EXPECT_EQ(plan("  array.columns: [8]\n").point(0).hardware.array.partial_sum_bits, 20);
}

TEST_F(Plan, FieldsVaryTogether_WhenNamedTogether) {
  const SweepPlan sweep = plan("  array.rows, array.columns: [[8, 32], [32, 8]]\n");
  ASSERT_EQ(sweep.size(), 2U);
  EXPECT_EQ(point_label(sweep, sweep.point(0)), "8×32");
  EXPECT_EQ(point_label(sweep, sweep.point(1)), "32×8");
}

TEST_F(Plan, FieldsOfTheRun_MayBeSwept) {
  const SweepPlan sweep =
      plan("  images: [1, 2]\n  workload: [a/b.csv, c.csv]\n  batch_size: [4]\n");
  EXPECT_EQ(sweep.point(2).run.images, 2);
  EXPECT_EQ(sweep.point(2).run.workload, small_.path("a/b.csv"));
  EXPECT_EQ(sweep.point(2).run.batch_size, 4);
  EXPECT_EQ(point_label(sweep, sweep.point(2)), "16×16, images 2, workload b.csv, batch_size 4");
}

TEST_F(Plan, WrongValues_AreReportedAtTheirPlaceInTheSweepFile) {
  refused("  array.rows: [8, 300]\n", "TW-CFG-005", {"'array.rows' is 300", "from 1 to 256"}, 5,
          19);
  refused("  array.rowz: [8]\n", "TW-CFG-002", {"unknown key 'rowz'", "did you mean 'rows'?"}, 5,
          16);
  refused("  images: [0]\n", "TW-CFG-005", {"'images' is 0"}, 5, 12);
  refused("  imagess: [1]\n", "TW-CFG-002", {"did you mean 'images'?", "batch_size"}, 5, 13);
  refused("  fidelity: [gate, gates]\n", "TW-CFG-006", {"'fidelity' is 'gates'"}, 5, 20);
  refused("  array.rows: {from: 200, to: 400, step: 100}\n", "TW-CFG-005", {"is 300"}, 5, 15);
  refused("  array.rows: [64]\n  array.partial_sum_bits: [24, 20]\n", "TW-CFG-008",
          {"need 22 bits"}, 6, 32);
}

TEST_F(Plan, TheFirstWrongPointIsReported_ForAnyNumberOfThreads) {
  for (const int threads : {1, 4}) {
    expect_error([&] { plan("  array.rows: {from: 1, to: 999, step: 1}\n", threads); },
                 {"TW-CFG-005", {"'array.rows' is 257"}});
  }
}

}  // namespace
}  // namespace togglewise::sweep
