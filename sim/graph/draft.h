// The network under construction: operations whose scales and activations are still open.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/graph/constant_folding.h"
#include "sim/graph/float_network.h"

namespace togglewise::graph {

// Weights that the graph holds as int8, in GemmLayer's order.
struct IntegerWeights {
  std::vector<std::int8_t> weights;
  std::vector<float> scale;        // of each output channel
  std::vector<std::int32_t> bias;  // empty: the real bias of the parameters is rounded
  std::vector<double>
      bias_scale;  // of each output channel, where the graph holds the bias as int32
};

// Where an operation takes one operand from.
struct Source {
  int node = network::network_input;
  float scale = 0;  // of the int8 values taken; 0: real values, not quantized
};

struct Draft {
  network::Operation operation;
  std::vector<Source> inputs;
  FloatParameters parameters;
  std::optional<IntegerWeights> integers;
  float output_scale = 0;  // 0: not quantized so far
  std::string result;      // ONNX's name of the value that it gives, with all that is attached
  std::string node_name;   // ONNX's name of the node that made it, and its operator
  std::string node_type;
  bool named = false;       // node_name is a name, not the result's
  std::string weight_name;  // of the initializer with its weights
};

// A feature map as it stands in the graph.
struct Activation {
  Source source;
  bool integer = false;   // int8, between QuantizeLinear and DequantizeLinear
  Dimensions dimensions;  // behind the batch
  // Which of the map's (C, H, W) each dimension is, after Transpose; empty: in order. It stays when
  // a transposed map is flattened: then the elements stand in this order of `map`.
  std::vector<std::size_t> order;
  network::FeatureMapShape map;  // before such a flattening
};

// What a name stands for: nothing (its node was refused), a constant, or a feature map.
using Value = std::variant<std::monostate, TensorPointer, Activation>;

// Whether the result has the scale of the operand: MaxPool, Slice, Pad, Clamp and Flatten.
bool keeps_scale(const network::Operation& operation);

}  // namespace togglewise::graph
