// Kernel, strides, pads and dilations of convolutions and poolings.
#pragma once

#include "sim/graph/onnx_node.h"
#include "sim/network/shape.h"

namespace togglewise::graph {

// Of a window over rows and columns of `input`; `kernel` where the node says none. auto_pad is
// resolved, and ceil_mode becomes padding at the end. Throws NodeProblem.
network::Window read_window(const OnnxNode& node, const network::FeatureMapShape& input,
                            const Dimensions& kernel);

// `channels` × the window's positions on `input`. Throws NodeProblem when it fits nowhere or the
// result is too large.
network::FeatureMapShape window_output(const network::Window& window,
                                       const network::FeatureMapShape& input,
                                       std::int64_t channels);

// (C, H, W) within the limits on sizes. Throws NodeProblem.
network::FeatureMapShape checked_map(std::int64_t channels, std::int64_t height,
                                     std::int64_t width);

}  // namespace togglewise::graph
