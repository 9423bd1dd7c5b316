// The networks that `train` knows how to build: geometry only, as a QuantizedNetwork without
// weights. Everything else works on any geometry that require_trainable() accepts.
#pragma once

#include <string>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::compress {

std::vector<std::string> architecture_names();

// Throws TW-TRAIN-001 when no architecture has this name, TW-TRAIN-002 when the images do not fit.
network::QuantizedNetwork make_architecture(const std::string& name, network::FeatureMapShape input,
                                            int classes);

}  // namespace togglewise::compress
