// The last step of an import: names, unused operations dropped, scales and clamps as integers.
#pragma once

#include <string>
#include <vector>

#include "sim/graph/draft.h"

namespace togglewise::graph {

struct UnfinishedNetwork {
  std::string name;
  network::FeatureMapShape input;
  network::InputNormalization normalization;
  float input_scale = 0;
  int last = 0;  // the draft whose result are the logits
  std::vector<Draft> drafts;
  bool own = false;  // names are kept as they are
};

// What is not possible is added to `problems`, one line each; then the result is of no use.
FloatNetwork finish_float(UnfinishedNetwork unfinished, std::vector<std::string>& problems);
network::QuantizedNetwork finish_quantized(UnfinishedNetwork unfinished,
                                           std::vector<std::string>& problems);

// "node 'conv1' (Conv): …"
std::string node_problem(const std::string& name, const std::string& type,
                         const std::string& reason);

}  // namespace togglewise::graph
