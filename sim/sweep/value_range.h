// {from: 8, to: 256, times: 2} or {from: 1000, to: 4000, step: 500} → the values it stands for.
#pragma once

#include <string>
#include <vector>

#include "sim/config/yaml_tree.h"

namespace togglewise::sweep {

// The values from `from` up (or down) to `to`, both included where they are met. Whole numbers stay
// whole. Throws TW-SWEEP-001 at the value that contradicts.
std::vector<std::string> expand_range(const config::YamlTree& range, const std::string& field);

}  // namespace togglewise::sweep
