// Learning rate and the search for the strength that keeps the accuracy limits.
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "compress/schedule/learning_rate.h"
#include "compress/schedule/strength_search.h"

namespace togglewise::compress {
namespace {

TEST(LearningRate, Rate_RisesLinearlyThenFallsAsACosine) {
  const LearningRateSchedule schedule{0.2, 0.1};
  EXPECT_DOUBLE_EQ(schedule.at(0.0), 0.0);
  EXPECT_NEAR(schedule.at(0.05), 0.1, 1e-12);
  EXPECT_NEAR(schedule.at(0.1), 0.2, 1e-12);
  EXPECT_NEAR(schedule.at(0.55), 0.1, 1e-12);  // half of the way down
  EXPECT_NEAR(schedule.at(1.0), 0.0, 1e-12);
}

// A network whose drop grows smoothly with the logarithm of strength.
double drop_at(double strength) { return std::exp(0.7 * std::log(strength / 0.02)); }

TEST(StrengthSearch, Trials_CloseInOnTheLimit_WhereverItLies) {
  // Limits inside the range, beyond either end, and far away.
  for (const double limit : {1.0, 0.3, 12.0, 0.002, 3000.0}) {
    StrengthSearch search({1e-3, 1.0, true, {}}, {limit});
    double best = 0;
    for (int trial = 0; trial < 25; ++trial) {
      const std::optional<double> strength = search.next();
      ASSERT_TRUE(strength);
      if (drop_at(*strength) <= limit) best = std::max(best, drop_at(*strength));
      search.report(*strength, drop_at(*strength));
    }
    EXPECT_GT(best, 0.99 * limit) << limit;
  }
}

TEST(StrengthSearch, SeveralLimits_AreAllApproached) {
  const std::vector<double> limits{0.5, 1.0, 2.0};
  StrengthSearch search({1e-3, 1.0, true, {}}, limits);
  std::vector<double> best(limits.size(), 0.0);
  for (int trial = 0; trial < 14; ++trial) {
    const double strength = *search.next();
    for (std::size_t i = 0; i < limits.size(); ++i) {
      if (drop_at(strength) <= limits[i]) best[i] = std::max(best[i], drop_at(strength));
    }
    search.report(strength, drop_at(strength));
  }
  for (std::size_t i = 0; i < limits.size(); ++i) EXPECT_GT(best[i], 0.9 * limits[i]) << limits[i];
}

TEST(StrengthSearch, FirstTrial_LiesRatherAtTheMildEnd) {
  EXPECT_NEAR(*StrengthSearch({1e-4, 1.0, true, {}}, {1.0}).next(), 1e-3, 1e-15);
  EXPECT_NEAR(*StrengthSearch({0.2, 0.8, false, {}}, {1.0}).next(), 0.35, 1e-15);
}

TEST(StrengthSearch, NoisyDrops_NeverRepeatATrial) {
  for (const double standard_error : {0.0, 0.3}) {
    StrengthSearch search({1e-3, 1.0, true, {}}, {0.9, 1.0});
    std::set<double> seen;
    for (int trial = 0; trial < 20; ++trial) {
      const double strength = *search.next();
      EXPECT_TRUE(seen.insert(strength).second);
      EXPECT_TRUE(std::isfinite(strength) && strength > 0);
      // Not even monotonic.
      search.report(strength, trial % 3 == 0 ? 1.4 : 0.8, standard_error);
    }
  }
}

// Drops as they were measured of ResNet-20, with standard errors of 0.3 points.
TEST(StrengthSearch, EnclosureOfMereChance_GoesOnBeyondTheRefusedTrial) {
  StrengthSearch search({3.26e-14, 4.17e-13, true, {}}, {1.0});
  search.report(6.17e-14, 0.68, 0.3);
  search.report(1.603e-13, 1.20, 0.3);
  search.report(1.110e-13, 1.04, 0.3);
  search.report(9.87e-14, 0.72, 0.3);
  const double within = *search.next();
  EXPECT_GT(within, 9.87e-14);
  EXPECT_LT(within, 1.110e-13);
  search.report(1.084e-13, 0.90, 0.3);
  EXPECT_NEAR(*search.next(), std::sqrt(1.110 * 1.603) * 1e-13, 1e-16);
}

TEST(StrengthSearch, TrialsFarBeyondTheLimit_AreNoReasonToGoThere) {
  StrengthSearch search({1e-3, 1.0, true, {}}, {1.0});
  search.report(0.1, 0.9, 0.3);
  search.report(0.101, 1.1, 0.3);
  search.report(0.14, 3.0, 0.3);
  EXPECT_LT(*search.next(), 0.101);
}

TEST(StrengthSearch, GivenSteps_AreTriedInTurn_UntilOneIsBeyondEveryLimit) {
  StrengthSearch search({1, 4, false, {1, 2, 3, 4}}, {0.5, 1.0});
  for (const double drop : {0.1, 0.7, 1.5}) {
    search.report(*search.next(), drop);
  }
  EXPECT_FALSE(search.next());
  StrengthSearch mild({1, 2, false, {1, 2}}, {1.0});
  mild.report(1, 0.1);
  EXPECT_EQ(mild.next(), 2.0);
  mild.report(2, 0.2);
  EXPECT_FALSE(mild.next());
}

}  // namespace
}  // namespace togglewise::compress
