#include "sim/study/rank_correlation.h"

#include <cmath>

#include <gtest/gtest.h>

namespace togglewise::study {
namespace {

TEST(RankCorrelation, IsOneOrMinusOne_WhereTheOrderIsTheSameOrReversed) {
  EXPECT_DOUBLE_EQ(rank_correlation({1, 20, 300}, {-5, 0, 0.1}), 1);
  EXPECT_DOUBLE_EQ(rank_correlation({1, 20, 300}, {9, 8, 7}), -1);
}

// Without ties ρ = 1 − 6·Σd² / (n(n² − 1)).
TEST(RankCorrelation, IsTheClosedForm_WithoutTies) {
  // Ranks 0 1 2 3 4 against 1 0 2 4 3: Σd² = 4.
  EXPECT_NEAR(rank_correlation({1, 2, 3, 4, 5}, {20, 10, 30, 50, 40}), 1 - 6 * 4.0 / 120, 1e-12);
}

TEST(RankCorrelation, SharesRanks_AmongEqualValues) {
  // Ranks 0.5 0.5 2 against 0 1 2: covariance 1.5, variances 1.5 and 2.
  EXPECT_NEAR(rank_correlation({7, 7, 8}, {1, 2, 3}), 1.5 / std::sqrt(1.5 * 2), 1e-12);
}

TEST(RankCorrelation, IsNotANumber_WhereOneSideRanksNothing) {
  EXPECT_TRUE(std::isnan(rank_correlation({3, 3, 3}, {1, 2, 3})));
}

}  // namespace
}  // namespace togglewise::study
