// Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", 2018, table 2, for
// small images: half as wide, and with stride 1 where 32×32 pixels would be gone too soon (the
// first convolution and the first block of 24 channels), which leaves 4×4 pixels for the last mean.
#include <string>

#include "compress/model/architectures/architectures.h"
#include "compress/model/architectures/graph_builder.h"

namespace togglewise::compress {
namespace {

// The width multiplier 0.5 counts for every layer, the last convolution among them: the original
// leaves that at 1280 channels, which for ten classes is half of all weights.
int half(int channels) {
  // To the nearest multiple of eight, halves up, as the authors' own widths are.
  return (channels / 2 + 4) / 8 * 8;
}

// A row of the table: `blocks` blocks, the first with `stride`, whose inside is `expansion` times
// as wide as their input.
struct Row {
  int expansion;
  int channels;
  int blocks;
  int stride;
};
constexpr Row rows[] = {{1, 16, 1, 1}, {6, 24, 2, 1},  {6, 32, 3, 2}, {6, 64, 4, 2},
                        {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
constexpr int first_channels = 32;
constexpr int last_channels = 1280;

// Activations are ReLU6 in the original. Here they are ReLU with the upper clamp left at 127: where
// the range of a feature map ends is the choice of its activation scale, which makes six the end
// where six is best.
FeatureMap inverted_residual(GraphBuilder& build, const std::string& name, const FeatureMap& from,
                             int expansion, int channels, int stride) {
  FeatureMap map = from;
  const int inside = from.shape.channels * expansion;
  if (expansion > 1) map = build.convolution(name + ".expand", map, {inside, 1});
  map = build.convolution(name + ".depthwise", map, {inside, 3, stride, 1, inside});
  map = build.convolution(name + ".project", map, {channels, 1, 1, 0, 1, Activation::none});
  if (!(map.shape == from.shape)) return map;
  return build.add(name + ".add", map, from, Activation::none);
}

}  // namespace

network::QuantizedNetwork mobilenetv2(network::FeatureMapShape input, int classes) {
  GraphBuilder build("mobilenetv2", input, classes);
  FeatureMap map = build.convolution("first", build.input(), {half(first_channels), 3, 1, 1});
  int block = 0;
  for (const Row& row : rows) {
    for (int b = 0; b < row.blocks; ++b) {
      map = inverted_residual(build, "block" + std::to_string(++block), map, row.expansion,
                              half(row.channels), b == 0 ? row.stride : 1);
    }
  }
  map = build.convolution("last", map, {half(last_channels), 1});
  build.classifier("fc", map);
  return build.finish();
}

}  // namespace togglewise::compress
