#include "sim/base/nearest.h"

#include <gtest/gtest.h>

namespace togglewise {
namespace {

TEST(NearestName, FindsTheMisspelledKey) {
  EXPECT_EQ(nearest_name("rowz", {"columns", "rows", "clock"}), "rows");
  EXPECT_EQ(nearest_name("clolumns", {"columns", "rows"}), "columns");
}

TEST(NearestName, IsEmpty_WhenNothingIsNear) {
  EXPECT_EQ(nearest_name("temperature", {"rows", "columns"}), "");
}

TEST(ListNames, ReadsAsASentence) {
  EXPECT_EQ(list_names({"a"}), "a");
  EXPECT_EQ(list_names({"a", "b", "c"}), "a, b or c");
}

}  // namespace
}  // namespace togglewise
