// What a test asks of a diagnostic: its id, its place and the words a user needs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"

namespace togglewise {

struct ExpectedError {
  std::string id;
  std::vector<std::string> words;  // all of them in the formatted message
  int line = 0;                    // 0: not asked
  int column = 0;
};

inline void expect_error(const std::function<void()>& action, const ExpectedError& expected) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), expected.id) << error.what();
    for (const std::string& word : expected.words) {
      EXPECT_THAT(error.what(), testing::HasSubstr(word));
    }
    if (expected.line > 0) {
      EXPECT_EQ(error.line(), expected.line) << error.what();
    }
    if (expected.column > 0) {
      EXPECT_EQ(error.column(), expected.column) << error.what();
    }
    return;
  }
  ADD_FAILURE() << "nothing was thrown, expected " << expected.id;
}

}  // namespace togglewise
