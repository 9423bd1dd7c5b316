// LeCun et al., "Gradient-based learning applied to document recognition", 1998, in today's form:
// ReLU instead of tanh, maximum instead of trainable averages, all channels connected.
#include "compress/model/architectures/architectures.h"
#include "compress/model/architectures/graph_builder.h"

namespace togglewise::compress {

network::QuantizedNetwork lenet5(network::FeatureMapShape input, int classes) {
  constexpr int original_side = 32;  // pixels; MNIST's 28 are padded to them
  GraphBuilder build("lenet5", input, classes);
  const int padding = (original_side - input.height) / 2;
  FeatureMap map = build.convolution("conv1", build.input(), {6, 5, 1, padding});
  map = build.max_pool("pool1", map, 2);
  map = build.convolution("conv2", map, {16, 5});
  map = build.max_pool("pool2", map, 2);
  map = build.flatten("flatten", map);
  map = build.fully_connected("fc1", map, 120, Activation::relu);
  map = build.fully_connected("fc2", map, 84, Activation::relu);
  build.fully_connected("fc3", map, classes, Activation::none);
  return build.finish();
}

}  // namespace togglewise::compress
