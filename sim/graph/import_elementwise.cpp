// Add of two feature maps; constants, BatchNormalization, Relu and Clip, which become part of the
// layer before them or of the input's normalization.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/graph/operators.h"
#include "sim/graph/weights_import.h"

namespace togglewise::graph {
namespace {

using Reals = std::vector<double>;

constexpr float unbounded = std::numeric_limits<float>::infinity();

// A constant as one number for each channel of `activation`: every other dimension is 1.
Reals per_channel(const Tensor& constant, const Activation& activation,
                  const network::FeatureMapShape& map) {
  if (!activation.order.empty()) throw NodeProblem("its operand is a transposed feature map");
  const auto channels = static_cast<std::size_t>(map.channels);
  const std::size_t rank = activation.dimensions.size() + 1;
  bool fits = constant.shape.size() <= rank;
  for (std::size_t i = 0; fits && i < constant.shape.size(); ++i) {
    const std::size_t axis = rank - constant.shape.size() + i;
    fits = constant.shape[i] == 1 || (axis == 1 && constant.shape[i] == map.channels);
  }
  if (!fits || (constant.size() != 1 && constant.size() != channels)) {
    throw NodeProblem(
        fmt::format("its constant has the shape {}; needed is one number, or one for "
                    "each of {} channels",
                    shape_text(constant.shape), channels));
  }
  Reals values = constant.reals();
  if (values.size() == 1) values.assign(channels, values[0]);
  return values;
}

struct Affine {
  Reals scale, shift;
};

// constant ∘ activation or activation ∘ constant as scale · activation + shift.
Affine affine_of(const std::string& type, const Reals& constant, bool constant_first) {
  const std::size_t count = constant.size();
  Affine result{Reals(count, 1), Reals(count, 0)};
  if (type == "Div" && constant_first) throw NodeProblem("it divides by a computed value");
  for (std::size_t i = 0; i < count; ++i) {
    if (type == "Add") result.shift[i] = constant[i];
    if (type == "Sub") result.shift[i] = constant_first ? constant[i] : -constant[i];
    if (type == "Sub" && constant_first) result.scale[i] = -1;
    if (type == "Mul") result.scale[i] = constant[i];
    if (type == "Div") result.scale[i] = 1 / constant[i];
  }
  return result;
}

std::vector<float> rounded(const Reals& values) {
  std::vector<float> result;
  for (const double value : values) result.push_back(static_cast<float>(value));
  return result;
}

Reals widened(const std::vector<float>& values, std::size_t count, double otherwise) {
  return values.empty() ? Reals(count, otherwise) : Reals(values.begin(), values.end());
}

// real = (pixel − mean) / deviation stays in this form under each of the four operations.
void normalize_input(GraphImport& graph, const OnnxNode& node, int operand, const Reals& constant) {
  const Activation activation = graph.activation(node, operand);
  const bool possible = graph.is_open_input(node, operand) && activation.source.scale == 0;
  const std::string& type = node.type();
  if (!possible || (operand == 1 && (type == "Sub" || type == "Div"))) {
    throw NodeProblem("it does not normalize all of the input");
  }
  network::InputNormalization& normalization = graph.normalization();
  Reals mean = widened(normalization.mean, constant.size(), 0);
  Reals deviation = widened(normalization.deviation, constant.size(), 1);
  for (std::size_t i = 0; i < constant.size(); ++i) {
    if (type == "Sub") mean[i] += constant[i] * deviation[i];
    if (type == "Add") mean[i] -= constant[i] * deviation[i];
    if (type == "Mul") deviation[i] /= constant[i];
    if (type == "Div") deviation[i] *= constant[i];
    if (!std::isfinite(mean[i]) || !(deviation[i] > 0) || !std::isfinite(deviation[i])) {
      throw NodeProblem("the normalization's deviations are not positive numbers");
    }
  }
  const bool shifts = type == "Sub" || type == "Add";
  if (shifts || !normalization.mean.empty()) normalization.mean = rounded(mean);
  if (!shifts || !normalization.deviation.empty()) normalization.deviation = rounded(deviation);
  graph.pass(node, operand, activation);
}

void fold_into_layer(GraphImport& graph, const OnnxNode& node, int operand, const Affine& affine) {
  Draft* layer = graph.attachable(node, operand);
  const bool possible = layer != nullptr &&
                        std::holds_alternative<network::GemmLayer>(layer->operation) &&
                        layer->parameters.low == -unbounded && layer->parameters.high == unbounded;
  if (!possible) {
    throw NodeProblem("there is no Conv, Gemm or MatMul right before it to fold it into");
  }
  fold_affine(*layer, affine.scale, affine.shift);
  graph.pass(node, operand, graph.activation(node, operand));
}

void combine_with_constant(GraphImport& graph, const OnnxNode& node) {
  const int operand = graph.is_constant(node, 0) ? 1 : 0;
  const Activation& activation = graph.activation(node, operand);
  const TensorPointer tensor = graph.constant(node, 1 - operand);
  const Reals constant = per_channel(*tensor, activation, graph.shape_of(activation.source.node));
  if (activation.source.node == network::network_input) {
    return normalize_input(graph, node, operand, constant);
  }
  Draft* layer = graph.attachable(node, operand);
  const bool exact_bias = node.type() == "Add" && layer != nullptr && layer->integers &&
                          layer->integers->bias.empty() && tensor->quantization &&
                          std::holds_alternative<std::vector<std::int32_t>>(tensor->values);
  if (exact_bias && layer->parameters.low == -unbounded && layer->parameters.high == unbounded) {
    set_bias(*layer, *tensor, 1);
    return graph.pass(node, operand, activation);
  }
  fold_into_layer(graph, node, operand, affine_of(node.type(), constant, operand == 1));
}

// low and high become part of the layer before, or a Clamp of its own.
void clamp(GraphImport& graph, const OnnxNode& node, float low, float high) {
  if (!(low <= high)) throw NodeProblem(fmt::format("it clamps to {} .. {}", low, high));
  const Activation activation = graph.activation(node, 0);
  if (activation.integer) throw NodeProblem("its operand is int8 without DequantizeLinear");
  if (low == -unbounded && high == unbounded) return graph.pass(node, 0, activation);
  Draft* layer = graph.attachable(node, 0);
  const bool attachable = layer != nullptr && (low == 0 || low == -unbounded) && high > 0 &&
                          (std::holds_alternative<network::GemmLayer>(layer->operation) ||
                           std::holds_alternative<network::Add>(layer->operation));
  if (attachable) {
    layer->parameters.low = std::max(layer->parameters.low, low);
    layer->parameters.high = std::min(layer->parameters.high, high);
    return graph.pass(node, 0, activation);
  }
  network::Clamp operation;
  operation.output = graph.shape_of(activation.source.node);
  Draft& draft = graph.add(node, operation, {activation});
  draft.parameters.low = low;
  draft.parameters.high = high;
  Activation result = graph.activation_of(node);
  result.dimensions = activation.dimensions;
  result.order = activation.order;
  result.map = activation.map;
  graph.define(node, result);
}

}  // namespace

void import_arithmetic(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({});
  if (graph.is_constant(node, 0) || graph.is_constant(node, 1)) {
    return combine_with_constant(graph, node);
  }
  if (node.type() != "Add") throw NodeProblem("both of its operands are computed");
  const Activation& left = graph.activation(node, 0);
  const Activation& right = graph.activation(node, 1);
  const network::FeatureMapShape shape = graph.shape_of(left.source.node);
  const bool fits = left.dimensions == right.dimensions && left.order == right.order &&
                    shape == graph.shape_of(right.source.node) && !left.integer && !right.integer;
  if (!fits) {
    throw NodeProblem(
        fmt::format("its operands have the shapes {} and {}; needed are two of one "
                    "shape",
                    shape_text(left.dimensions), shape_text(right.dimensions)));
  }
  if (!left.order.empty()) throw NodeProblem("its operands are transposed feature maps");
  network::Add sum;
  sum.output = shape;
  graph.add(node, sum, {left, right});
}

void import_batch_normalization(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"epsilon", "momentum", "spatial", "training_mode", "is_test"});
  if (node.integer("training_mode", 0) != 0) throw NodeProblem("it is in training mode");
  const double epsilon = double{node.real("epsilon", 1e-5F)};
  const auto channels =
      static_cast<std::size_t>(graph.shape_of(graph.activation(node, 0).source.node).channels);
  Reals operands[4];  // scale, bias, mean, variance
  for (int i = 0; i < 4; ++i) {
    operands[i] = graph.constant(node, i + 1)->reals();
    if (operands[i].size() != channels) {
      throw NodeProblem(fmt::format("input {} has {} values for {} channels", i + 1,
                                    operands[i].size(), channels));
    }
  }
  Affine affine;
  for (std::size_t c = 0; c < channels; ++c) {
    affine.scale.push_back(operands[0][c] / std::sqrt(operands[3][c] + epsilon));
    affine.shift.push_back(operands[1][c] - operands[2][c] * affine.scale[c]);
  }
  fold_into_layer(graph, node, 0, affine);
}

void import_relu(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({});
  clamp(graph, node, 0, unbounded);
}

void import_clip(GraphImport& graph, const OnnxNode& node) {
  node.only_attributes({"min", "max"});
  const auto limit = [&](int index, const char* attribute, float otherwise) {
    const TensorPointer given = graph.constant_or_null(node, index);
    if (given == nullptr) return node.real(attribute, otherwise);
    if (given->size() != 1) throw NodeProblem(fmt::format("input {} is not one number", index));
    return static_cast<float>(given->reals()[0]);
  };
  clamp(graph, node, limit(1, "min", -unbounded), limit(2, "max", unbounded));
}

}  // namespace togglewise::graph
