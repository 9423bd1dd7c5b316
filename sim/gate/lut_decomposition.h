// Splitting functions of more than three inputs into look-up tables of at most three.
#pragma once

#include <optional>
#include <vector>

#include "sim/tech/boolean_function.h"

namespace togglewise::gate {

// function(x) = outer(x_outside, inner(x_inside)): the inner function is the outer one's last
// variable.
struct Decomposition {
  std::vector<int> inside;  // variables of the function
  std::vector<int> outside;
  tech::TruthTable inner;
  tech::TruthTable outer;
};

// A disjoint decomposition with an inner function of three inputs, else of two; none where the
// function has no such form.
std::optional<Decomposition> decompose(const tech::TruthTable& function);

}  // namespace togglewise::gate
