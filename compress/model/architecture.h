// The networks that `train` knows how to build: geometry only, as a QuantizedNetwork without
// weights. Needs no libtorch. Layers are named as people name them: conv1, layer3.2.conv2, fc.
#pragma once

#include <string>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::compress {

// lenet5               images of 28×28 or 32×32
// resnet20             shortcuts of zeros (option A of the paper); this and the following: images
// of
//                      at least 8×8
// resnet20_projection  shortcuts by convolution (option B)
// resnet29_bottleneck  blocks of 1×1, 3×3 and 1×1 convolutions
// mobilenetv2          depthwise convolutions between linear bottlenecks, half width
std::vector<std::string> architecture_names();

// Throws TW-TRAIN-001 when no architecture has this name, TW-TRAIN-002 when the images do not fit.
// `source` is the file named in the message.
network::QuantizedNetwork make_architecture(const std::string& name, network::FeatureMapShape input,
                                            int classes, const std::string& source = "");

}  // namespace togglewise::compress
