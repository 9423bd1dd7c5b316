#include "sim/base/error.h"

#include <gtest/gtest.h>

namespace togglewise {
namespace {

TEST(ErrorText, NamesPlaceExpectationHintAndId_WhenAllAreGiven) {
  const Error error = Error::input("TW-X-001", "unknown key 'rowz'")
                          .at("hw.yaml", 3, 5)
                          .expected("rows or columns")
                          .hint("did you mean 'rows'?");
  EXPECT_STREQ(error.what(),
               "hw.yaml:3:5: unknown key 'rowz'; expected rows or columns; did you mean 'rows'? "
               "[TW-X-001]");
}

TEST(ErrorStatus, IsTwoForInputAndOneForRuns) {
  EXPECT_EQ(Error::input("TW-X-001", "m").exit_status(), 2);
  EXPECT_EQ(Error::run("TW-X-002", "m").exit_status(), 1);
}

}  // namespace
}  // namespace togglewise
