// An int8 network as the array computes it: integers only, defined bit for bit.
#pragma once

#include <cstdint>
#include <map>
#include <string>
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

// A convolution or fully connected layer (kernel 1×1 on a 1×1 feature map with the flattened input
// as channels). Output = requantize(Σ w·a + bias); with `relu` the low clamp is 0, else −128. The
// last layer of a network has `output_scale` 0: its accumulators are the logits.
struct GemmLayer {
  std::string name;
  bool fully_connected = false;
  FeatureMapShape input;
  FeatureMapShape output;
  int kernel_height = 1;
  int kernel_width = 1;
  int stride = 1;
  int padding = 0;                   // on all four sides, with zeros
  std::vector<std::int8_t> weights;  // [output channel][input channel][kernel row][kernel column]
  std::vector<std::int32_t> bias;    // [output channel], in units of input_scale · weight_scale[c]
  std::vector<float> weight_scale;   // [output channel]
  float input_scale = 0;
  float output_scale = 0;
  bool relu = false;
  std::vector<int> permitted_values;  // ascending; empty: all of −128..127

  GemmShape gemm() const {
    return {input.channels * kernel_height * kernel_width, output.channels,
            output.height * output.width};
  }
  // Factor input_scale · weight_scale[c] / output_scale of every output channel; empty for the last
  // layer, which is not requantized.
  std::vector<FixedPointScale> requantization() const;
};

struct MaxPool {
  std::string name;
  FeatureMapShape input;
  FeatureMapShape output;
  int kernel = 2;
  int stride = 2;
};

// (C, H, W) → (C·H·W, 1, 1): the order of bytes does not change.
struct Flatten {
  std::string name;
  FeatureMapShape input;
};

using Node = std::variant<GemmLayer, MaxPool, Flatten>;

struct QuantizedNetwork {
  std::string name;
  FeatureMapShape input;
  float input_scale = 0;
  int classes = 0;
  std::vector<Node> nodes;  // in order; each consumes the result of the one before
  // Everything else that travels in the ONNX file's metadata_props (keys "togglewise.…"), for
  // example togglewise.workload, togglewise.baseline, togglewise.seed.
  std::map<std::string, std::string> metadata;

  std::vector<const GemmLayer*> gemm_layers() const;
  std::vector<GemmLayer*> gemm_layers();
};

// Throws, naming the layer, the value and the valid range:
//   TW-MODEL-001 a weight that does not fit weight_bits
//   TW-MODEL-002 sizes that do not chain, or arrays of another length than the sizes say
//   TW-MODEL-003 a scale that is not positive, does not chain or cannot be requantized with
//   TW-MODEL-004 sums that may not fit 32 bits
//   TW-MODEL-005 permitted values that are not ascending or not kept to
//   TW-MODEL-006 structure: layer names, the last layer, a fully connected layer before Flatten
// `source` is the file named in the message.
void check_network(const QuantizedNetwork& network, int weight_bits, const std::string& source);

// The scale that quantize_pixel() stands for, as every network's input_scale: 1/127.
constexpr float pixel_scale = 1.0F / 127.0F;

}  // namespace togglewise::network
