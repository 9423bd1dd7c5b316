#include "sim/tech/lookup_table.h"

#include <gtest/gtest.h>

namespace togglewise::tech {
namespace {

const LookupTable kTable({0.1, 0.3}, {10.0, 20.0, 40.0}, {1.0, 2.0, 6.0, 3.0, 5.0, 9.0});

TEST(LookupTable, Points_AreReturnedExactly) {
  EXPECT_DOUBLE_EQ(kTable.at(0.1, 10.0), 1.0);
  EXPECT_DOUBLE_EQ(kTable.at(0.1, 40.0), 6.0);
  EXPECT_DOUBLE_EQ(kTable.at(0.3, 20.0), 5.0);
}

TEST(LookupTable, BetweenPoints_IsBilinear) {
  EXPECT_DOUBLE_EQ(kTable.at(0.1, 30.0), 4.0);
  EXPECT_DOUBLE_EQ(kTable.at(0.2, 15.0), (1.0 + 2.0 + 3.0 + 5.0) / 4.0);
}

TEST(LookupTable, OutsideItsAxes_TheEdgeHolds) {
  EXPECT_DOUBLE_EQ(kTable.at(0.0, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(kTable.at(9.0, 99.0), 9.0);
  EXPECT_DOUBLE_EQ(kTable.at(0.1, 99.0), 6.0);
}

TEST(LookupTable, AMissingAxis_MeansNoDependence) {
  const LookupTable by_slew({0.0, 1.0}, {}, {2.0, 4.0});
  EXPECT_DOUBLE_EQ(by_slew.at(0.5, 123.0), 3.0);
  const LookupTable by_load({}, {0.0, 1.0}, {2.0, 4.0});
  EXPECT_DOUBLE_EQ(by_load.at(123.0, 0.5), 3.0);
  EXPECT_DOUBLE_EQ(LookupTable({}, {}, {7.0}).at(1.0, 1.0), 7.0);
  EXPECT_DOUBLE_EQ(LookupTable().at(1.0, 1.0), 0.0);
}

TEST(LookupTable, TheSumOfTwoTables_IsTheSumEverywhere) {
  const LookupTable other({0.2, 0.3, 0.9}, {5.0, 20.0}, {1.0, -2.0, 4.0, 8.0, 0.5, 3.0});
  const LookupTable by_slew({0.0, 1.0}, {}, {2.0, 4.0});
  for (const LookupTable& b : {other, by_slew, kTable, LookupTable({}, {}, {7.0}), LookupTable()}) {
    const LookupTable sum = LookupTable::sum(kTable, b);
    for (const double slew : {0.0, 0.1, 0.17, 0.2, 0.29, 0.3, 0.6, 2.0}) {
      for (const double load : {0.0, 5.0, 7.0, 10.0, 14.0, 20.0, 33.0, 99.0}) {
        EXPECT_NEAR(sum.at(slew, load), kTable.at(slew, load) + b.at(slew, load), 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace togglewise::tech
