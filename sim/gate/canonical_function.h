// Functions of signals in one form, so that equal ones are found to be equal.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/gate/inertial_network.h"
#include "sim/tech/boolean_function.h"

namespace togglewise::gate {

// A function of signals, reduced to distinct fan-ins that matter, earliest at shift 0, value 0
// where all fan-ins are 0.
struct CanonicalFunction {
  tech::TruthTable table;
  std::vector<InertialNode::Fanin> fanin;
  bool inverted = false;
  int delay = 0;
};

CanonicalFunction canonical(const tech::TruthTable& function,
                            const std::vector<InertialSignal>& inputs);

// A truth table that is 1 everywhere.
std::uint64_t all_rows(int variables);

}  // namespace togglewise::gate
