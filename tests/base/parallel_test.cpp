#include "sim/base/parallel.h"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace togglewise {
namespace {

TEST(ParallelFor, VisitsEveryIndexOnce_WhateverTheThreads) {
  for (const int threads : {1, 2, 5}) {
    std::vector<int> visits(1000, 0);
    parallel_for(visits.size(), threads, [&](std::size_t i) { ++visits[i]; });
    EXPECT_EQ(visits, std::vector<int>(1000, 1)) << threads << " threads";
  }
}

TEST(ParallelFor, PassesATasksExceptionOn) {
  EXPECT_THROW(parallel_for(10, 2,
                            [](std::size_t i) {
                              if (i == 7) throw std::runtime_error("task 7");
                            }),
               std::runtime_error);
}

}  // namespace
}  // namespace togglewise
