// Residual networks for small images: He et al., "Deep residual learning for image recognition",
// 2016, section 4.2. Three stages of widths 16, 32 and 64; the second and third begin with
// stride 2.
#include <array>
#include <string>

#include "compress/model/architectures/architectures.h"
#include "compress/model/architectures/graph_builder.h"

namespace togglewise::compress {
namespace {

constexpr std::array<int, 3> stage_widths = {16, 32, 64};
constexpr int blocks_per_stage = 3;

// How a block's input is brought to the shape of its output, where the two differ.
enum class Shortcut {
  zeros,      // option A: every second row and column, new channels of zeros; no parameters
  projection  // option B: 1×1 convolution with a stride and a scale of its own
};

FeatureMap shortcut(GraphBuilder& build, const std::string& name, const FeatureMap& from,
                    const FeatureMap& to, int stride, Shortcut kind) {
  if (from.shape == to.shape) return from;
  const int channels = to.shape.channels;
  if (kind == Shortcut::projection) {
    return build.convolution(name + ".shortcut", from,
                             {channels, 1, stride, 0, 1, Activation::none});
  }
  const FeatureMap fewer = build.subsample(name + ".subsample", from, stride);
  return build.pad_channels(name + ".pad", fewer, channels);
}

// Two 3×3 convolutions.
FeatureMap basic_block(GraphBuilder& build, const std::string& name, const FeatureMap& from,
                       int width, int stride, Shortcut kind) {
  FeatureMap map = build.convolution(name + ".conv1", from, {width, 3, stride, 1});
  map = build.convolution(name + ".conv2", map, {width, 3, 1, 1, 1, Activation::none});
  return build.add(name + ".add", map, shortcut(build, name, from, map, stride, kind),
                   Activation::relu);
}

// 1×1, 3×3 and 1×1 convolutions, the last one four times as wide. The stride is that of the 3×3
// convolution: in the 1×1 before it, three of four pixels would go unread.
FeatureMap bottleneck_block(GraphBuilder& build, const std::string& name, const FeatureMap& from,
                            int width, int stride) {
  constexpr int expansion = 4;
  FeatureMap map = build.convolution(name + ".conv1", from, {width, 1});
  map = build.convolution(name + ".conv2", map, {width, 3, stride, 1});
  map = build.convolution(name + ".conv3", map, {expansion * width, 1, 1, 0, 1, Activation::none});
  return build.add(name + ".add", map,
                   shortcut(build, name, from, map, stride, Shortcut::projection),
                   Activation::relu);
}

// `block(build, name, from, width, stride)` adds one residual block.
template <typename Block>
network::QuantizedNetwork residual_network(const std::string& name, network::FeatureMapShape input,
                                           int classes, const Block& block) {
  GraphBuilder build(name, input, classes);
  FeatureMap map = build.convolution("conv1", build.input(), {stage_widths[0], 3, 1, 1});
  for (std::size_t stage = 0; stage < stage_widths.size(); ++stage) {
    for (int b = 0; b < blocks_per_stage; ++b) {
      const std::string block_name = "layer" + std::to_string(stage + 1) + "." + std::to_string(b);
      map = block(build, block_name, map, stage_widths[stage], stage > 0 && b == 0 ? 2 : 1);
    }
  }
  build.classifier("fc", map);
  return build.finish();
}

network::QuantizedNetwork basic_network(const std::string& name, network::FeatureMapShape input,
                                        int classes, Shortcut kind) {
  return residual_network(
      name, input, classes,
      [kind](GraphBuilder& build, const std::string& block, const FeatureMap& from, int width,
             int stride) { return basic_block(build, block, from, width, stride, kind); });
}

}  // namespace

network::QuantizedNetwork resnet20(network::FeatureMapShape input, int classes) {
  return basic_network("resnet20", input, classes, Shortcut::zeros);
}

network::QuantizedNetwork resnet20_projection(network::FeatureMapShape input, int classes) {
  return basic_network("resnet20_projection", input, classes, Shortcut::projection);
}

network::QuantizedNetwork resnet29_bottleneck(network::FeatureMapShape input, int classes) {
  return residual_network("resnet29_bottleneck", input, classes, bottleneck_block);
}

}  // namespace togglewise::compress
