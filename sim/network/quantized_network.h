// An int8 network as the array computes it: integers only, defined bit for bit.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/network/shape.h"

namespace togglewise::network {

// real = scale · q, zero point always 0. `multiplier` · 2^-shift approximates a positive real
// factor.
struct FixedPointScale {
  std::int32_t multiplier = 0;  // in [2^30, 2^31)
  int shift = 0;                // in [1, 62]
};

// Nearest fixed-point scale of `factor`. Throws TW-QUANT-001 when `factor` is not in [2^-32, 2^30).
FixedPointScale fixed_point_scale(double factor);

// Requantization, defined bit for bit: floor((accumulator · multiplier + 2^(shift−1)) / 2^shift) in
// 64-bit arithmetic, that is, round half up; then clamped to [low, high].
std::int8_t requantize(std::int32_t accumulator, FixedPointScale scale, int low, int high);

// Feature maps with scales of their own brought to one scale: `multipliers[i]` · 2^-shift
// approximates scale_i / output_scale, with one shift for all of them.
struct CommonScale {
  std::vector<std::int32_t>
      multipliers;  // below 2^22; the largest at least 2^21 unless shift is 30
  int shift = 0;    // in [1, 30]
};

// The largest shift up to 30 with which every multiplier = nearest(scale_i / output_scale ·
// 2^shift) (halves up, quotients in double) stays below 2^22. Throws TW-QUANT-001 when a quotient
// is not positive or reaches 2^20: sums of 8-bit values would not be seen beside it.
CommonScale common_scale(const std::vector<float>& input_scales, float output_scale);

// Rescaling, defined bit for bit in 32-bit arithmetic that never overflows:
// floor((Σ value_i · multiplier_i + 2^(shift−1)) / 2^shift), round half up, clamped to [low, high].
// Equal scales change nothing: a value whose multiplier is 2^shift stays as it is.
std::int8_t rescale(std::int8_t value, const CommonScale& scale, int low, int high);
std::int8_t rescale_sum(std::int8_t a, std::int8_t b, const CommonScale& scale, int low, int high);

// A convolution or fully connected layer (a 1×1 window on a 1×1 feature map with the flattened
// input as channels). Output = requantize(Σ w·a + bias), clamped to [relu ? 0 : −128, high]. The
// last layer of a network may have `output_scale` 0: its accumulators are the logits.
struct GemmLayer {
  std::string name;
  bool fully_connected = false;
  FeatureMapShape input;
  FeatureMapShape output;
  Window window;
  // Input and output channels are cut into so many groups, in order; group g's output channels see
  // group g's input channels only. Depthwise: groups = input.channels.
  int groups = 1;
  std::vector<std::int8_t> weights;  // [output channel][channel of its group][kernel row][column]
  std::vector<std::int32_t> bias;    // [output channel], in units of input_scale · weight_scale[c]
  std::vector<float> weight_scale;   // [output channel]
  float input_scale = 0;
  float output_scale = 0;
  bool relu = false;
  int high = 127;                     // upper clamp, 1..127: below 127 for ReLU6 and Clip
  std::vector<int> permitted_values;  // ascending; empty: all of −128..127

  GemmShape gemm() const {
    return {input.channels / groups * window.kernel_height * window.kernel_width,
            output.channels / groups, output.height * output.width, groups};
  }
  // Factor input_scale · weight_scale[c] / output_scale of every output channel; empty for the last
  // layer, which is not requantized.
  std::vector<FixedPointScale> requantization() const;
};

struct MaxPool {
  std::string name;
  FeatureMapShape input;
  FeatureMapShape output;
  Window window;  // padding never wins: it stands for −128
};

// Mean of each window: requantize(Σ a, input_scale / (count · output_scale)) with count = the
// window's area, or, without `count_padding`, the pixels of it that lie on the input.
struct AveragePool {
  std::string name;
  FeatureMapShape input;
  FeatureMapShape output;
  Window window;
  bool count_padding = false;
  float input_scale = 0;
  float output_scale = 0;

  // Factor of a window that counts `count` pixels.
  FixedPointScale requantization(int count) const;
};

// Elementwise sum of two feature maps of the same shape, rescale_sum(a, b, rescaling(),
// relu ? 0 : −128, high).
struct Add {
  std::string name;
  FeatureMapShape output;
  float input_scales[2] = {0, 0};
  float output_scale = 0;
  bool relu = false;
  int high = 127;

  CommonScale rescaling() const;
};

// Feature maps behind one another along the channels, each from its own scale:
// rescale(a, rescaling(i), −128, 127).
struct Concat {
  std::string name;
  FeatureMapShape output;
  std::vector<FeatureMapShape> inputs;
  std::vector<float> input_scales;
  float output_scale = 0;

  CommonScale rescaling(std::size_t input) const;
};

// Every `step`-th element from `begin` on along each of (C, H, W). The scale stays.
struct Slice {
  std::string name;
  FeatureMapShape input;
  FeatureMapShape output;
  int begin[3] = {0, 0, 0};
  int step[3] = {1, 1, 1};
};

// Zeros around (C, H, W): `before` and the rest after, up to the output's shape. The scale stays.
struct Pad {
  std::string name;
  FeatureMapShape input;
  FeatureMapShape output;
  int before[3] = {0, 0, 0};
};

// A ReLU or Clip that stands on its own: clamp to [low, high]. The scale stays.
struct Clamp {
  std::string name;
  FeatureMapShape output;
  int low = 0;
  int high = 127;
};

// (C, H, W) → (C·H·W, 1, 1): the order of bytes does not change.
struct Flatten {
  std::string name;
  FeatureMapShape input;
};

using Operation =
    std::variant<GemmLayer, MaxPool, AveragePool, Add, Concat, Slice, Pad, Clamp, Flatten>;

// The input of the network, as an entry of Node::inputs.
constexpr int network_input = -1;

struct Node {
  Operation operation;
  std::vector<int> inputs;  // indices of earlier nodes, or network_input
};

const std::string& name_of(const Operation& operation);

// Shape of what an operation makes.
FeatureMapShape output_shape(const Operation& operation);

// Scale of what an operation makes, `input_scale` being that of its first input: MaxPool, Slice,
// Pad, Clamp and Flatten keep it, the others have their own (0: accumulators).
float output_scale(const Operation& operation, float input_scale);

// Real value of pixel p of channel c at the network's input: (p/255 − mean[c]) / deviation[c]; both
// vectors empty stand for mean 0 and deviation 1.
struct InputNormalization {
  std::vector<float> mean;
  std::vector<float> deviation;
};

struct QuantizedNetwork {
  std::string name;
  FeatureMapShape input;
  float input_scale = 0;
  InputNormalization normalization;
  int classes = 0;
  // In topological order; the last one's result are the logits: accumulators when it is a GemmLayer
  // with output_scale 0, else activations times their scale.
  std::vector<Node> nodes;
  // Everything else that travels in the ONNX file's metadata_props (keys "togglewise.…"), for
  // example togglewise.workload, togglewise.baseline, togglewise.seed.
  std::map<std::string, std::string> metadata;

  std::vector<const GemmLayer*> gemm_layers() const;
  std::vector<GemmLayer*> gemm_layers();

  // Appends a node behind the last one (or behind the network's input).
  template <typename Typed>
  void append(Typed operation) {
    nodes.push_back({std::move(operation), {static_cast<int>(nodes.size()) - 1}});
  }
};

// Activation of pixel p of channel c: the nearest whole number (ties to even) of its real value
// (InputNormalization) / input_scale, clamped to −128..127. [channel][pixel value]
std::vector<std::array<std::int8_t, 256>> input_table(const QuantizedNetwork& network);

// Throws, naming the layer, the value and the valid range:
//   TW-MODEL-001 a weight that does not fit weight_bits
//   TW-MODEL-002 sizes that do not chain, or arrays of another length than the sizes say
//   TW-MODEL-003 a scale that is not positive, does not chain or cannot be requantized with
//   TW-MODEL-004 sums that may not fit 32 bits
//   TW-MODEL-005 permitted values that are not ascending or not kept to
//   TW-MODEL-006 structure: layer names, inputs that are no earlier nodes, nodes that nobody uses,
//                the last node
// `source` is the file named in the message.
void check_network(const QuantizedNetwork& network, int weight_bits, const std::string& source);

// The scale that quantize_pixel() stands for, as every network's input_scale: 1/127.
constexpr float pixel_scale = 1.0F / 127.0F;

}  // namespace togglewise::network
