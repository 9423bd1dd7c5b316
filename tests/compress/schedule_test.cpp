// Learning rate and the search for the global multiplier.
#include <cmath>

#include <gtest/gtest.h>

#include "compress/schedule/learning_rate.h"
#include "compress/schedule/multiplier_search.h"

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

TEST(MultiplierSearch, Bracket_ClosesInOnTheLimit_WhereverItLies) {
  for (const double limit : {1e-9, 3e-4, 1.0, 0.02, 50.0, 4e6}) {
    MultiplierSearch search(1e-3, 10.0);
    double best = 0;
    for (int trial = 0; trial < 60; ++trial) {
      const double multiplier = search.next();
      const bool accepted = multiplier <= limit;
      if (accepted && multiplier > best) best = multiplier;
      search.report(multiplier, accepted);
    }
    EXPECT_NEAR(best / limit, 1.0, 1e-6) << limit;
  }
}

TEST(MultiplierSearch, FirstTrial_IsTheGeometricMean) {
  EXPECT_NEAR(MultiplierSearch(1e-4, 1.0).next(), 1e-2, 1e-15);
}

}  // namespace
}  // namespace togglewise::compress
