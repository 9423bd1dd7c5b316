// Whether a float network is whole enough to be computed and quantized.
#pragma once

#include <string>

#include "sim/graph/float_network.h"
#include "sim/network/dataset.h"

namespace togglewise::quantize {

// Throws TW-PTQ-001 when arrays and sizes of a node do not fit together, TW-PTQ-002 when a weight,
// a bias or a clamp is not a number; both name the node. `source` is the file named in messages.
void check_float_network(const graph::FloatNetwork& network, const std::string& source);

// Throws TW-PTQ-003 when the images have another shape than the network's input, or a label has no
// class.
void check_dataset(const graph::FloatNetwork& network, const network::Dataset& dataset,
                   const std::string& source);

}  // namespace togglewise::quantize
