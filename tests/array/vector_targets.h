// Runs a test with every instruction set that this machine has and the toggle kernels were built
// for.
#pragma once

#include <functional>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "sim/array/toggle_kernels.h"

namespace togglewise::array {

// Returns the names of the instruction sets that were run.
inline std::set<std::string> with_every_vector_target(const std::function<void()>& test) {
  const std::int64_t all = hwy::SupportedTargets() | HWY_SCALAR | HWY_EMU128;
  std::set<std::string> names;
  for (std::int64_t targets = all; targets != 0; targets &= targets - 1) {
    hwy::SetSupportedTargetsForTest(targets & -targets);
    hwy::GetChosenTarget().DeInit();
    // Sets that the kernels were not built for fall back to a simpler one.
    if (!names.insert(vector_instructions()).second) continue;
    SCOPED_TRACE(vector_instructions());
    test();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
  return names;
}

}  // namespace togglewise::array
