// Smallest sets of inputs that decide a function.
#pragma once

#include <vector>

#include "sim/tech/boolean_function.h"

namespace togglewise::gate {

// Where the variables in `care` have the bits of `values` the function is decided.
struct Cube {
  unsigned care = 0;
  unsigned values = 0;  // 0 outside of `care`
  friend bool operator==(const Cube& a, const Cube& b) {
    return a.care == b.care && a.values == b.values;
  }
};

// All cubes on which `function` is `value` and of which no variable can be left out; ascending by
// care, then values.
std::vector<Cube> prime_implicants(const tech::TruthTable& function, bool value);

}  // namespace togglewise::gate
