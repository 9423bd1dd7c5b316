// Names of layers in the alphabet that networks allow: letters, digits, '_', '.' and '-'.
#pragma once

#include <set>
#include <string>

#include "sim/graph/draft.h"

namespace togglewise::graph {

// A name that is not in `taken`, and added to it. "/layer1/layer1.0/conv1/Conv", as PyTorch writes
// it, becomes "layer1.0.conv1"; a node without name is called after its weights or its operator.
std::string layer_name(const Draft& draft, std::set<std::string>& taken);

}  // namespace togglewise::graph
