// The networks of make_architecture(), a family a file: each takes a shape that it has been checked
// to fit.
#pragma once

#include "sim/network/quantized_network.h"

namespace togglewise::compress {

network::QuantizedNetwork lenet5(network::FeatureMapShape input, int classes);

network::QuantizedNetwork resnet20(network::FeatureMapShape input, int classes);
network::QuantizedNetwork resnet20_projection(network::FeatureMapShape input, int classes);
network::QuantizedNetwork resnet29_bottleneck(network::FeatureMapShape input, int classes);

network::QuantizedNetwork mobilenetv2(network::FeatureMapShape input, int classes);

}  // namespace togglewise::compress
